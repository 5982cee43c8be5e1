import { Arg, Ctx, Field, ID, InputType, Mutation, Resolver } from 'type-graphql';
import type { TenantContext } from '../context.js';
import { TenantType, toTenantType } from './tenant.type.js';

@InputType({ description: 'Which tenant to lock, and why.' })
export class SuspendTenantInput {
  @Field(() => ID, { description: 'The tenant.' })
  tenantId!: string;

  @Field(() => String, { description: 'For the audit log: 500 characters at most.' })
  reason!: string;
}

@InputType({ description: 'Which tenant to unlock.' })
export class ResumeTenantInput {
  @Field(() => ID, { description: 'The tenant.' })
  tenantId!: string;
}

@Resolver()
export class TenantStatusResolver {
  @Mutation(() => TenantType, {
    description: 'Locks a tenant: at once nobody is in it any more. For platform administrators.',
  })
  async suspendTenant(
    @Ctx() context: TenantContext,
    @Arg('input', () => SuspendTenantInput) input: SuspendTenantInput,
  ): Promise<TenantType> {
    return toTenantType(await context.services.tenantStatus.suspend(context, input));
  }

  @Mutation(() => TenantType, { description: 'Unlocks a tenant. For platform administrators.' })
  async resumeTenant(
    @Ctx() context: TenantContext,
    @Arg('input', () => ResumeTenantInput) input: ResumeTenantInput,
  ): Promise<TenantType> {
    return toTenantType(await context.services.tenantStatus.resume(context, input));
  }
}
