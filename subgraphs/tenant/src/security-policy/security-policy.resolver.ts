import { hasPermission } from '@tessera/service/identity';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { TenantContext } from '../context.js';
import { TenantType, toTenantType } from '../tenants/tenant.type.js';
import {
  ResetSecurityPolicyInput,
  SecurityPolicyType,
  toSecurityPolicyType,
  UpdateSecurityPolicyInput,
} from './security-policy.type.js';

@Resolver(() => TenantType)
export class SecurityPolicyResolver {
  @FieldResolver(() => SecurityPolicyType, {
    nullable: true,
    description: 'What it asks of those who act in it, for its administrators; null unless this is the active tenant.',
  })
  async securityPolicy(
    @Root() { id }: TenantType,
    @Ctx() { principal, loaders }: TenantContext,
  ): Promise<SecurityPolicyType | null> {
    // Gateways ask as the service inside the tenant: they hold everybody to it.
    const mayKnow = principal.kind === 'service' || hasPermission(principal, 'tenant:manage');
    if (principal.tenantId !== id || !mayKnow) return null;
    return toSecurityPolicyType(await loaders.securityPolicyByTenant.load(id));
  }

  @Mutation(() => SecurityPolicyType, {
    description:
      'Sets what the active tenant asks of those who act in it: within a second whoever does not comply is refused, open subscriptions too. Needs a recent authentication; refused with the reason WOULD_LOCK_OUT where it refuses the caller.',
  })
  async updateSecurityPolicy(
    @Ctx() context: TenantContext,
    @Arg('input', () => UpdateSecurityPolicyInput) input: UpdateSecurityPolicyInput,
  ): Promise<SecurityPolicyType> {
    return toSecurityPolicyType(await context.services.securityPolicies.update(context, input));
  }

  @Mutation(() => TenantType, {
    description:
      'Lets everybody into a tenant again whose administrators have locked themselves out. For platform administrators.',
  })
  async resetSecurityPolicy(
    @Ctx() context: TenantContext,
    @Arg('input', () => ResetSecurityPolicyInput) input: ResetSecurityPolicyInput,
  ): Promise<TenantType> {
    return toTenantType(await context.services.securityPolicies.reset(context, input));
  }
}
