import { Arg, Ctx, Field, InputType, Mutation, Query, Resolver } from 'type-graphql';
import type { TenantContext } from '../context.js';
import { TenantType, toTenantType } from '../tenants/tenant.type.js';

@InputType({ description: 'What the active tenant is called from now on; what is absent stays.' })
export class RenameTenantInput {
  @Field(() => String, { nullable: true, description: 'Name for people, up to 200 characters.' })
  name?: string;

  @Field(() => String, { nullable: true, description: 'Name in URLs; the one of before leads here for a term.' })
  slug?: string;
}

@Resolver()
export class RenameResolver {
  @Query(() => TenantType, {
    description: 'A tenant of the caller by its slug, or by one that it had until not long ago: compare, and redirect.',
  })
  async tenantBySlug(@Ctx() context: TenantContext, @Arg('slug', () => String) slug: string): Promise<TenantType> {
    return toTenantType(await context.services.renames.findBySlug(context, slug));
  }

  @Mutation(() => TenantType, { description: 'Renames the active tenant.' })
  async renameTenant(
    @Ctx() context: TenantContext,
    @Arg('input', () => RenameTenantInput) input: RenameTenantInput,
  ): Promise<TenantType> {
    return toTenantType(await context.services.renames.rename(context, input));
  }
}
