import { connectionType, PageArgumentsType, PagedCost, toConnection, type Connection } from '@tessera/service/graphql';
import { Arg, Args, Ctx, Query, Resolver } from 'type-graphql';
import type { TenantContext } from '../context.js';
import type { TenantStatus } from './tenant.entity.js';
import { TenantStatusEnum, TenantType, toTenantType } from './tenant.type.js';

export const TenantConnection = connectionType('Tenant', TenantType);

@Resolver()
export class TenantDirectoryResolver {
  @PagedCost()
  @Query(() => TenantConnection, {
    description: 'All tenants of the platform, the newest first. For platform administrators.',
  })
  async tenants(
    @Ctx() context: TenantContext,
    @Args(() => PageArgumentsType) page: PageArgumentsType,
    @Arg('search', () => String, { nullable: true, description: 'Only those that have this in their name or slug.' })
    search?: string | null,
    @Arg('status', () => TenantStatusEnum, { nullable: true, description: 'Only those of this status.' })
    status?: TenantStatus | null,
    @Arg('plan', () => String, { nullable: true, description: 'Only those that have this plan.' })
    plan?: string | null,
  ): Promise<Connection<TenantType>> {
    const filter = { search: search ?? undefined, status: status ?? undefined, plan: plan ?? undefined };
    return toConnection(await context.services.tenantDirectory.list(context, filter, page), toTenantType);
  }
}
