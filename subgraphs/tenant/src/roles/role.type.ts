import { builtInRoles, permissionsOf } from '@tessera/service/identity';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { RoleEntity } from './role.entity.js';

@ObjectType('Permission', { description: 'Something that can be permitted.' })
export class PermissionType {
  @Field(() => String, { description: '`<things>:<verb>`; also the scope that tokens carry.' })
  name!: string;

  @Field(() => String, { description: 'What it allows.' })
  description!: string;
}

@ObjectType('Role', { description: 'A name for a set of permissions.' })
export class RoleType {
  @Field(() => ID, { nullable: true, description: 'Null for a role that is built in, and cannot be changed.' })
  id!: string | null;

  @Field(() => String, { description: 'What memberships and invitations name.' })
  name!: string;

  @Field(() => String, { description: 'What it is for.' })
  description!: string;

  @Field(() => [String], { description: 'What it grants.' })
  permissions!: readonly string[];

  @Field(() => Boolean, { description: 'Whether every tenant has it.' })
  isBuiltIn!: boolean;
}

@InputType({ description: 'A new role.' })
export class CreateRoleInput {
  @Field(() => String, { description: 'Letters, digits, _ and -, 64 at most; it stays.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What it is for: 500 characters at most.' })
  description?: string;

  @Field(() => [String], { description: 'What it grants; only what the caller has.' })
  permissions!: string[];
}

@InputType({ description: 'What becomes of a role; absent fields stay.' })
export class UpdateRoleInput {
  @Field(() => ID, { description: 'The role.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'What it is for.' })
  description?: string;

  @Field(() => [String], { nullable: true, description: 'What it grants from now on.' })
  permissions?: string[];
}

export function toRoleType({ id, name, description, permissions }: RoleEntity): RoleType {
  return Object.assign(new RoleType(), { id, name, description, permissions, isBuiltIn: false });
}

const builtInDescriptions: Readonly<Record<string, string>> = {
  TENANT_ADMIN: 'May do everything in the tenant.',
  USER: 'May work in the tenant, and manage nothing.',
};

/** The roles that every tenant has. */
export function builtInRoleTypes(): RoleType[] {
  return builtInRoles
    .filter((name) => name !== 'SUPER_ADMIN')
    .map((name) =>
      Object.assign(new RoleType(), {
        id: null,
        name,
        description: builtInDescriptions[name] ?? '',
        permissions: [...permissionsOf([name])],
        isBuiltIn: true,
      }),
    );
}
