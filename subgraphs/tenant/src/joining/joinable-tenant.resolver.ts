import { ListCost } from '@tessera/service/graphql';
import { Ctx, Query, Resolver } from 'type-graphql';
import type { TenantContext } from '../context.js';
import { JoinableTenantType } from './joinable-tenant.type.js';

@Resolver()
export class JoinableTenantResolver {
  @ListCost(5)
  @Query(() => [JoinableTenantType], {
    description:
      'Tenants that have invited the caller’s address, the newest invitation first, or take in who has an address of its domain. None before the address is proven.',
  })
  async joinableTenants(@Ctx() context: TenantContext): Promise<JoinableTenantType[]> {
    const found = await context.services.joinableTenants.list(context);
    return found.map((tenant) => Object.assign(new JoinableTenantType(), tenant));
  }
}
