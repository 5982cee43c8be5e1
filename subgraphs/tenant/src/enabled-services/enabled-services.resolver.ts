import { Arg, Ctx, Field, FieldResolver, ID, InputType, Mutation, Resolver, Root } from 'type-graphql';
import type { TenantContext } from '../context.js';
import { TenantType, toTenantType } from '../tenants/tenant.type.js';

@InputType({ description: 'Which services a tenant can use.' })
export class SetEnabledServicesInput {
  @Field(() => ID, { description: 'The tenant.' })
  tenantId!: string;

  @Field(() => [String], { description: 'What is on from now on; `auth` and `tenant` always are.' })
  services!: string[];
}

@Resolver(() => TenantType)
export class EnabledServicesResolver {
  @Mutation(() => TenantType, {
    description:
      'Switches services of a tenant on and off: within a second their fields answer SERVICE_DISABLED. For platform administrators.',
  })
  async setEnabledServices(
    @Ctx() context: TenantContext,
    @Arg('input', () => SetEnabledServicesInput) input: SetEnabledServicesInput,
  ): Promise<TenantType> {
    return toTenantType(await context.services.enabledServices.set(context, input));
  }

  @FieldResolver(() => [String], { description: 'The services that are switched on for it.' })
  enabledServices(@Root() { storedDisabledServices }: TenantType, @Ctx() { services }: TenantContext): string[] {
    return services.enabledServices.catalogue.enabledBut(storedDisabledServices);
  }

  @FieldResolver(() => [String], { description: 'The services that are switched off for it.' })
  disabledServices(@Root() { storedDisabledServices }: TenantType, @Ctx() { services }: TenantContext): string[] {
    return services.enabledServices.catalogue.disabledOf(storedDisabledServices);
  }
}
