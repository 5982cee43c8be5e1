import { ListCost } from '@tessera/service/graphql';
import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { notFound } from '@tessera/service/errors';
import type { TenantContext } from '../context.js';
import { toUserType, UserType } from '../references/user.type.js';
import { TenantType, toTenantType } from '../tenants/tenant.type.js';
import { ChangeMemberRoleInput, MembershipType, toMembershipType } from './membership.type.js';

@Resolver(() => MembershipType)
export class MembershipResolver {
  @Query(() => MembershipType, {
    nullable: true,
    description: 'The caller’s membership in a tenant; null without one.',
  })
  async membership(
    @Ctx() context: TenantContext,
    @Arg('tenantId', () => ID) tenantId: string,
  ): Promise<MembershipType | null> {
    const membership = await context.services.members.ownIn(context, tenantId);
    return membership === null ? null : toMembershipType(membership);
  }

  @Mutation(() => MembershipType, { description: 'Gives a member of the active tenant another role.' })
  async changeMemberRole(
    @Ctx() context: TenantContext,
    @Arg('input', () => ChangeMemberRoleInput) input: ChangeMemberRoleInput,
  ): Promise<MembershipType> {
    return toMembershipType(await context.services.members.changeRole(context, input));
  }

  @Mutation(() => Boolean, {
    description: 'Takes a person out of the active tenant; everybody may take out themselves.',
  })
  async removeMember(@Ctx() context: TenantContext, @Arg('userId', () => ID) userId: string): Promise<boolean> {
    return context.services.members.remove(context, userId);
  }

  @Mutation(() => MembershipType, {
    description: 'Makes another member the administrator in the caller’s place, who stays as an ordinary member.',
  })
  async transferOwnership(
    @Ctx() context: TenantContext,
    @Arg('userId', () => ID) userId: string,
  ): Promise<MembershipType> {
    return toMembershipType(await context.services.members.transferOwnership(context, userId));
  }

  @FieldResolver(() => TenantType, { description: 'The tenant.' })
  async tenant(@Root() { tenantId }: MembershipType, @Ctx() { loaders }: TenantContext): Promise<TenantType> {
    const tenant = await loaders.tenantById.load(tenantId);
    if (tenant === null) throw notFound('Tenant');
    return toTenantType(tenant);
  }

  @FieldResolver(() => [String], {
    description: 'What the role grants there, and the roles of the person’s groups: nothing to who is deactivated.',
  })
  async permissions(
    @Root() { tenantId, userId, status }: MembershipType,
    @Ctx() { loaders }: TenantContext,
  ): Promise<readonly string[]> {
    if (status === 'DEACTIVATED') return [];
    return (await loaders.rightsByMember.load({ tenantId, userId }))?.permissions ?? [];
  }

  @FieldResolver(() => Int, { description: 'How often groups had changed rights in the tenant, as of `permissions`.' })
  async rightsVersion(
    @Root() { tenantId, userId }: MembershipType,
    @Ctx() { loaders }: TenantContext,
  ): Promise<number> {
    return (await loaders.rightsByMember.load({ tenantId, userId }))?.rightsVersion ?? 0;
  }

  @FieldResolver(() => UserType, { description: 'The person.' })
  user(@Root() { userId }: MembershipType): UserType {
    return toUserType(userId);
  }
}

@Resolver(() => UserType)
export class UserMembershipsResolver {
  @ListCost(5)
  @FieldResolver(() => [MembershipType], {
    description: 'The tenants that this person is in: all of one’s own, of others only the active tenant.',
  })
  async memberships(@Root() { id }: UserType, @Ctx() { loaders }: TenantContext): Promise<MembershipType[]> {
    const memberships = await loaders.membershipsByUser.load(id);
    return memberships.map(toMembershipType);
  }
}
