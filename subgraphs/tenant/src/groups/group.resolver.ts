import { PageArgumentsType, PagedCost, toConnection, type Connection } from '@tessera/service/graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { TenantContext } from '../context.js';
import { toUserType, UserType } from '../references/user.type.js';
import {
  CreateGroupInput,
  GroupConnection,
  GroupMemberConnection,
  GroupMembersInput,
  GroupMemberType,
  GroupType,
  toGroupMemberType,
  toGroupType,
  UpdateGroupInput,
} from './group.type.js';

@Resolver(() => GroupType)
export class GroupResolver {
  @PagedCost()
  @Query(() => GroupConnection, { description: 'The groups of the active tenant, the oldest first.' })
  async groups(
    @Ctx() context: TenantContext,
    @Args(() => PageArgumentsType) page: PageArgumentsType,
  ): Promise<Connection<GroupType>> {
    return toConnection(await context.services.groups.list(context, page), toGroupType);
  }

  @Query(() => GroupType, { description: 'A group of the active tenant.' })
  async group(@Ctx() context: TenantContext, @Arg('id', () => ID) id: string): Promise<GroupType> {
    return toGroupType(await context.services.groups.find(context, id));
  }

  @PagedCost()
  @FieldResolver(() => GroupMemberConnection, { description: 'Who is in it, the first to be added first.' })
  async members(
    @Root() { id: groupId }: GroupType,
    @Args(() => PageArgumentsType) { first, after }: PageArgumentsType,
    @Ctx() { loaders }: TenantContext,
  ): Promise<Connection<GroupMemberType>> {
    return toConnection(await loaders.groupMembers.load({ groupId, page: { first, after } }), toGroupMemberType);
  }

  @Mutation(() => GroupType, { description: 'Makes a group in the active tenant.' })
  async createGroup(
    @Ctx() context: TenantContext,
    @Arg('input', () => CreateGroupInput) input: CreateGroupInput,
  ): Promise<GroupType> {
    return toGroupType(await context.services.groups.create(context, input));
  }

  @Mutation(() => GroupType, {
    description: 'Renames a group, or gives it another role: its members have other rights at once.',
  })
  async updateGroup(
    @Ctx() context: TenantContext,
    @Arg('input', () => UpdateGroupInput) input: UpdateGroupInput,
  ): Promise<GroupType> {
    return toGroupType(await context.services.groups.update(context, input));
  }

  @Mutation(() => Boolean, { description: 'Removes a group; its members stay in the tenant.' })
  async deleteGroup(@Ctx() context: TenantContext, @Arg('id', () => ID) id: string): Promise<boolean> {
    return context.services.groups.delete(context, id);
  }

  @Mutation(() => GroupType, { description: 'Puts members into a group, all or none; who is in it stays so.' })
  async addGroupMembers(
    @Ctx() context: TenantContext,
    @Arg('input', () => GroupMembersInput) input: GroupMembersInput,
  ): Promise<GroupType> {
    return toGroupType(await context.services.groupMembers.add(context, input));
  }

  @Mutation(() => GroupType, { description: 'Takes people out of a group; who is not in it stays so.' })
  async removeGroupMembers(
    @Ctx() context: TenantContext,
    @Arg('input', () => GroupMembersInput) input: GroupMembersInput,
  ): Promise<GroupType> {
    return toGroupType(await context.services.groupMembers.remove(context, input));
  }
}

@Resolver(() => GroupMemberType)
export class GroupMemberResolver {
  @FieldResolver(() => UserType, { description: 'The person.' })
  user(@Root() { userId }: GroupMemberType): UserType {
    return toUserType(userId);
  }
}
