import { describePermissions } from '@tessera/service/identity';
import { CacheFor, ListCost } from '@tessera/service/graphql';
import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { TenantContext } from '../context.js';
import {
  builtInRoleTypes,
  CreateRoleInput,
  PermissionType,
  RoleType,
  toRoleType,
  UpdateRoleInput,
} from './role.type.js';

@Resolver()
export class RoleResolver {
  @ListCost(10)
  @Query(() => [RoleType], { description: 'The roles that can be given in the active tenant, built-in ones first.' })
  async roles(@Ctx() context: TenantContext): Promise<RoleType[]> {
    return [...builtInRoleTypes(), ...(await context.services.roles.list(context)).map(toRoleType)];
  }

  @ListCost(10)
  @CacheFor(3_600, 'PUBLIC')
  @Query(() => [PermissionType], { description: 'Everything that a role can grant.' })
  permissions(): PermissionType[] {
    return describePermissions().map((permission) => Object.assign(new PermissionType(), permission));
  }

  @Query(() => Boolean, { description: 'Whether the caller has all of these permissions in the active tenant.' })
  can(
    @Ctx() { principal }: TenantContext,
    @Arg('permissions', () => [String], { description: 'Names as `permissions` lists them.' }) wanted: string[],
  ): boolean {
    return wanted.every((permission) => principal.scopes.includes(permission));
  }

  @Mutation(() => RoleType, { description: 'Defines a role of the active tenant.' })
  async createRole(
    @Ctx() context: TenantContext,
    @Arg('input', () => CreateRoleInput) input: CreateRoleInput,
  ): Promise<RoleType> {
    return toRoleType(await context.services.roles.create(context, input));
  }

  @Mutation(() => RoleType, { description: 'Changes what a role of the active tenant grants, for all who have it.' })
  async updateRole(
    @Ctx() context: TenantContext,
    @Arg('input', () => UpdateRoleInput) input: UpdateRoleInput,
  ): Promise<RoleType> {
    return toRoleType(await context.services.roles.update(context, input));
  }

  @Mutation(() => Boolean, { description: 'Removes a role that nobody has.' })
  async deleteRole(@Ctx() context: TenantContext, @Arg('id', () => ID) id: string): Promise<boolean> {
    return context.services.roles.delete(context, id);
  }
}
