import { connectionType } from '@tessera/service/graphql';
import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { statusOf, type MembershipStatus } from './member-status.js';
import type { MembershipEntity } from './membership.entity.js';

export const MembershipStatusEnum = { ACTIVE: 'ACTIVE', DEACTIVATED: 'DEACTIVATED' } as const;

registerEnumType(MembershipStatusEnum, {
  name: 'MembershipStatus',
  description: 'Whether a member is in the tenant.',
  valuesConfig: {
    ACTIVE: { description: 'The member is in it.' },
    DEACTIVATED: {
      description: 'An administrator has locked the member out, who keeps data and role and takes no seat.',
    },
  },
});

@ObjectType('Membership', { description: 'One person in one tenant.' })
export class MembershipType {
  @Field(() => ID, { description: 'Stays the same until the person leaves: what caches of clients know it by.' })
  id!: string;

  @Field(() => String, { description: 'What the person may do there: TENANT_ADMIN, USER or a role of the tenant.' })
  role!: string;

  @Field(() => Date, { description: 'When the person joined.' })
  joinedAt!: Date;

  @Field(() => MembershipStatusEnum, { description: 'Whether the person is in the tenant.' })
  status!: MembershipStatus;

  @Field(() => Date, { nullable: true, description: 'Since when the person is locked out; null for who is not.' })
  deactivatedAt!: Date | null;

  tenantId!: string;
  userId!: string;
}

export const MembershipConnection = connectionType('Membership', MembershipType);

@InputType({ description: 'Which member gets which role.' })
export class ChangeMemberRoleInput {
  @Field(() => ID, { description: 'The member.' })
  userId!: string;

  @Field(() => String, { description: 'TENANT_ADMIN, USER or a role of the tenant.' })
  role!: string;
}

export function toMembershipType(membership: MembershipEntity): MembershipType {
  const { id, role, joinedAt, deactivatedAt, tenantId, userId } = membership;
  const status = statusOf(membership);
  return Object.assign(new MembershipType(), { id, role, joinedAt, status, deactivatedAt, tenantId, userId });
}
