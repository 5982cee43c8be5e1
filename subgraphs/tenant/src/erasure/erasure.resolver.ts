import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { TenantContext } from '../context.js';
import {
  ErasePersonInput,
  ErasureReportType,
  ErasureType,
  RequestErasureInput,
  toErasureReportType,
  toErasureType,
} from './erasure.type.js';

@Resolver(() => ErasureType)
export class ErasureResolver {
  @Query(() => ErasureType, {
    nullable: true,
    description:
      'An erasure that the caller asked for, or that concerns them or a tenant that they administer; null without one.',
  })
  async erasure(
    @Ctx() context: TenantContext,
    @Arg('id', () => ID, { nullable: true, description: 'Default: the newest that the caller may see.' })
    id?: string,
  ): Promise<ErasureType | null> {
    const erasure = await context.services.erasures.find(context, id);
    return erasure === null ? null : toErasureType(erasure);
  }

  @FieldResolver(() => [ErasureReportType], {
    description: 'What was erased, by service; together, once it is complete, the certificate of erasure.',
  })
  async reports(@Root() { id }: ErasureType, @Ctx() context: TenantContext): Promise<ErasureReportType[]> {
    return (await context.services.erasures.listReports(context, id)).map(toErasureReportType);
  }

  @Mutation(() => ErasureType, {
    description:
      'Has the active tenant (for its administrators, who are locked out at once) or the caller erased after a time in which it can be cancelled. Needs a recent proof of who asks.',
  })
  async requestErasure(
    @Ctx() context: TenantContext,
    @Arg('input', () => RequestErasureInput) input: RequestErasureInput,
  ): Promise<ErasureType> {
    return toErasureType(await context.services.erasures.request(context, input));
  }

  @Mutation(() => ErasureType, {
    description:
      'Has a person erased from the whole platform after a time in which platform administrators can cancel it. For them alone, after a recent proof of who asks.',
  })
  async erasePerson(
    @Ctx() context: TenantContext,
    @Arg('input', () => ErasePersonInput) input: ErasePersonInput,
  ): Promise<ErasureType> {
    return toErasureType(await context.services.erasures.requestFor(context, input));
  }

  @Mutation(() => ErasureType, { description: 'Cancels an erasure that has not begun; repeating it changes nothing.' })
  async cancelErasure(@Ctx() context: TenantContext, @Arg('id', () => ID) id: string): Promise<ErasureType> {
    return toErasureType(await context.services.erasures.cancel(context, id));
  }
}
