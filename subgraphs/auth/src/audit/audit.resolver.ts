import { PagedCost, PageArgumentsType, toConnection, type Connection } from '@tessera/service/graphql';
import { Arg, Args, Ctx, Query, Resolver } from 'type-graphql';
import type { AuthContext } from '../context.js';
import { AuditEntryConnection, AuditFilterInput, toAuditEntryType, type AuditEntryType } from './audit-entry.type.js';

@Resolver()
export class AuditResolver {
  @Query(() => AuditEntryConnection, {
    description:
      'The audit log of the active tenant, the newest first; without one, a platform administrator sees all.',
  })
  async auditLog(
    @Ctx() context: AuthContext,
    @Args(() => PageArgumentsType) page: PageArgumentsType,
    @Arg('filter', () => AuditFilterInput, { nullable: true, description: 'Which entries; all when absent.' })
    filter?: AuditFilterInput,
  ): Promise<Connection<AuditEntryType>> {
    return toConnection(await context.services.audit.list(context, filter ?? {}, page), toAuditEntryType);
  }

  @PagedCost()
  @Query(() => AuditEntryConnection, {
    description:
      'What happened to the caller’s own account, the newest first: sign-ins, also those that were refused, and changes of what proves who they are. Of what others did their addresses and notes are left out.',
  })
  async accountActivity(
    @Ctx() context: AuthContext,
    @Args(() => PageArgumentsType) page: PageArgumentsType,
  ): Promise<Connection<AuditEntryType>> {
    return toConnection(await context.services.accountActivity.list(context, page), toAuditEntryType);
  }
}
