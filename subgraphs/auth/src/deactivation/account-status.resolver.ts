import { PageArgumentsType, PagedCost, toConnection, type Connection } from '@tessera/service/graphql';
import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { AuthContext } from '../context.js';
import { AccountStatusEnum, type AccountStatus } from './account-status.js';
import { AccountConnection, AccountStatusInput, AccountType, toAccountType } from './account.type.js';

@Resolver()
export class AccountStatusResolver {
  @PagedCost()
  @Query(() => AccountConnection, {
    description: 'Everybody’s accounts, the newest first. For platform administrators.',
  })
  async accounts(
    @Ctx() context: AuthContext,
    @Args(() => PageArgumentsType) page: PageArgumentsType,
    @Arg('email', () => String, { nullable: true, description: 'Only that of this address.' })
    email?: string | null,
    @Arg('status', () => AccountStatusEnum, { nullable: true, description: 'Only those of this status.' })
    status?: AccountStatus | null,
  ): Promise<Connection<AccountType>> {
    const filter = { email: email ?? undefined, status: status ?? undefined };
    return toConnection(await context.services.accountStatus.list(context, filter, page), toAccountType);
  }

  @Mutation(() => AccountType, {
    description:
      'Locks a person out of the platform at once: every way in, all sessions, and the keys that they made. For platform administrators.',
  })
  async deactivateAccount(
    @Ctx() context: AuthContext,
    @Arg('input', () => AccountStatusInput) input: AccountStatusInput,
  ): Promise<AccountType> {
    return toAccountType(await context.services.accountStatus.deactivate(context, input));
  }

  @Mutation(() => AccountType, { description: 'Lets a person sign in again. For platform administrators.' })
  async reactivateAccount(
    @Ctx() context: AuthContext,
    @Arg('input', () => AccountStatusInput) input: AccountStatusInput,
  ): Promise<AccountType> {
    return toAccountType(await context.services.accountStatus.reactivate(context, input));
  }
}
