import { connectionType } from '@tessera/service/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { GroupEntity } from './group.entity.js';
import type { GroupMember } from './group-member.loader.js';

@ObjectType('GroupMember', { description: 'One person in one group.' })
export class GroupMemberType {
  @Field(() => Date, { description: 'When the person was added.' })
  addedAt!: Date;

  userId!: string;
}

export const GroupMemberConnection = connectionType('GroupMember', GroupMemberType);

@ObjectType('Group', { description: 'Members of a tenant under one name.' })
export class GroupType {
  @Field(() => ID, { description: 'Stays the same for ever.' })
  id!: string;

  @Field(() => String, { description: 'Name for people; one group of a tenant has it.' })
  name!: string;

  @Field(() => String, { description: 'What it is for.' })
  description!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'What its members may do besides what their own role grants: TENANT_ADMIN, USER or a role of the tenant.',
  })
  role!: string | null;

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;
}

export const GroupConnection = connectionType('Group', GroupType);

@InputType({ description: 'A new group.' })
export class CreateGroupInput {
  @Field(() => String, { description: 'Name for people, up to 100 characters.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What it is for: 500 characters at most.' })
  description?: string;

  @Field(() => String, { nullable: true, description: 'What its members get; only what the caller has.' })
  role?: string;
}

@InputType({ description: 'What becomes of a group; absent fields stay.' })
export class UpdateGroupInput {
  @Field(() => ID, { description: 'The group.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'Its new name.' })
  name?: string;

  @Field(() => String, { nullable: true, description: 'What it is for.' })
  description?: string;

  @Field(() => String, { nullable: true, description: 'What its members get from now on; null: nothing.' })
  role?: string | null;
}

@InputType({ description: 'Which members, and which group.' })
export class GroupMembersInput {
  @Field(() => ID, { description: 'The group.' })
  groupId!: string;

  @Field(() => [ID], { description: 'The people: 100 at most.' })
  userIds!: string[];
}

export function toGroupType({ id, name, description, role, createdAt }: GroupEntity): GroupType {
  return Object.assign(new GroupType(), { id, name, description, role, createdAt });
}

export function toGroupMemberType({ userId, addedAt }: GroupMember): GroupMemberType {
  return Object.assign(new GroupMemberType(), { userId, addedAt });
}
