import { PageArgumentsType, PagedCost, toConnection, type Connection } from '@tessera/service/graphql';
import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { TenantContext } from '../context.js';
import { LegalHoldConnection, LegalHoldInput, LegalHoldType, toLegalHoldType } from './legal-hold.type.js';

@Resolver()
export class LegalHoldResolver {
  @PagedCost()
  @Query(() => LegalHoldConnection, {
    description: 'Legal holds, also those that were cleared, the newest first. For platform administrators.',
  })
  async legalHolds(
    @Ctx() context: TenantContext,
    @Args(() => PageArgumentsType) page: PageArgumentsType,
  ): Promise<Connection<LegalHoldType>> {
    return toConnection(await context.services.legalHolds.list(context, page), toLegalHoldType);
  }

  @Mutation(() => LegalHoldType, {
    description: 'Forbids to erase anything of a tenant or a person, until it is cleared. For platform administrators.',
  })
  async setLegalHold(
    @Ctx() context: TenantContext,
    @Arg('input', () => LegalHoldInput) input: LegalHoldInput,
  ): Promise<LegalHoldType> {
    return toLegalHoldType(await context.services.legalHolds.set(context, input));
  }

  @Mutation(() => LegalHoldType, {
    description: 'Lets what was held be erased; erasures that waited for it begin. For platform administrators.',
  })
  async clearLegalHold(
    @Ctx() context: TenantContext,
    @Arg('input', () => LegalHoldInput) input: LegalHoldInput,
  ): Promise<LegalHoldType> {
    return toLegalHoldType(await context.services.legalHolds.clear(context, input));
  }
}
