import { connectionType } from '@tessera/service/graphql';
import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import type { InvitationEntity } from './invitation.entity.js';

export const InvitationStatusEnum = {
  PENDING: 'PENDING',
  ACCEPTED: 'ACCEPTED',
  REVOKED: 'REVOKED',
  EXPIRED: 'EXPIRED',
} as const;

export type InvitationStatus = keyof typeof InvitationStatusEnum;

registerEnumType(InvitationStatusEnum, {
  name: 'InvitationStatus',
  description: 'What became of an invitation.',
  valuesConfig: {
    PENDING: { description: 'Sent, and still to be accepted.' },
    ACCEPTED: { description: 'The person has joined.' },
    REVOKED: { description: 'Taken back.' },
    EXPIRED: { description: 'Not accepted in time.' },
  },
});

@ObjectType('Invitation', { description: 'An address that was asked to join a tenant.' })
export class InvitationType {
  @Field(() => ID, { description: 'Stays the same for ever.' })
  id!: string;

  @Field(() => String, { description: 'Where the invitation was sent.' })
  email!: string;

  @Field(() => String, { description: 'The role that the person will have.' })
  role!: string;

  @Field(() => InvitationStatusEnum, { description: 'What became of it.' })
  status!: InvitationStatus;

  @Field(() => Date, { description: 'When it was sent.' })
  createdAt!: Date;

  @Field(() => Date, { description: 'Until when it can be accepted.' })
  expiresAt!: Date;
}

export const InvitationConnection = connectionType('Invitation', InvitationType);

@InputType({ description: 'Whom to invite into the active tenant.' })
export class InviteMemberInput {
  @Field(() => String, { description: 'Where to send the invitation.' })
  email!: string;

  @Field(() => String, { defaultValue: 'USER', description: 'TENANT_ADMIN or USER.' })
  role!: string;
}

export function toInvitationType(invitation: InvitationEntity): InvitationType {
  const { id, email, role, createdAt, expiresAt } = invitation;
  return Object.assign(new InvitationType(), { id, email, role, createdAt, expiresAt, status: statusOf(invitation) });
}

function statusOf({ acceptedAt, revokedAt, expiresAt }: InvitationEntity): InvitationStatus {
  if (acceptedAt !== null) return 'ACCEPTED';
  if (revokedAt !== null) return 'REVOKED';
  return expiresAt > new Date() ? 'PENDING' : 'EXPIRED';
}
