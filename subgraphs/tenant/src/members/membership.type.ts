import { connectionType } from '@tessera/service/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { MembershipEntity } from './membership.entity.js';

@ObjectType('Membership', { description: 'One person in one tenant.' })
export class MembershipType {
  @Field(() => String, { description: 'What the person may do there: TENANT_ADMIN, USER or a role of the tenant.' })
  role!: string;

  @Field(() => Date, { description: 'When the person joined.' })
  joinedAt!: Date;

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

export function toMembershipType({ role, joinedAt, tenantId, userId }: MembershipEntity): MembershipType {
  return Object.assign(new MembershipType(), { role, joinedAt, tenantId, userId });
}
