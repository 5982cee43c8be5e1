import { connectionType } from '@tessera/service/graphql';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { OpenInvitation } from './acceptance.service.js';
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

  @Field(() => Boolean, { description: 'Whether whoever has the link may accept it, also under another address.' })
  openToAnyone!: boolean;

  @Field(() => Date, { description: 'When the last mail was sent.' })
  lastSentAt!: Date;
}

@ObjectType('InvitationPreview', { description: 'What an invitation says to who has its link.' })
export class InvitationPreviewType {
  @Field(() => String, { description: 'Name of the tenant.' })
  tenantName!: string;

  @Field(() => String, { description: 'The address that was invited.' })
  email!: string;

  @Field(() => String, { description: 'The role that the person will have.' })
  role!: string;

  @Field(() => Date, { description: 'Until when it can be accepted.' })
  expiresAt!: Date;

  @Field(() => Boolean, { description: 'Whether it can be accepted under another address, too.' })
  openToAnyone!: boolean;
}

export const InvitationConnection = connectionType('Invitation', InvitationType);

@InputType({ description: 'Whom to invite into the active tenant.' })
export class InviteMemberInput {
  @Field(() => String, { description: 'Where to send the invitation.' })
  email!: string;

  @Field(() => String, { defaultValue: 'USER', description: 'TENANT_ADMIN, USER or a role of the tenant.' })
  role!: string;

  @Field(() => Int, { defaultValue: 7, description: 'How long it can be accepted: 1 to 30 days.' })
  expiresInDays!: number;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether whoever has the link may accept it; else only who signs in with that very address.',
  })
  openToAnyone!: boolean;
}

@InputType({ description: 'Which invitation to send again.' })
export class ResendInvitationInput {
  @Field(() => ID, { description: 'The invitation.' })
  id!: string;

  @Field(() => Int, { defaultValue: 7, description: 'How long it can be accepted from now on: 1 to 30 days.' })
  expiresInDays!: number;
}

export function toInvitationType(invitation: InvitationEntity): InvitationType {
  const { id, email, role, createdAt, expiresAt, openToAnyone } = invitation;
  const lastSentAt = invitation.lastSentAt ?? createdAt;
  const status = statusOf(invitation);
  return Object.assign(new InvitationType(), {
    id,
    email,
    role,
    createdAt,
    expiresAt,
    openToAnyone,
    lastSentAt,
    status,
  });
}

export function toInvitationPreviewType({ invitation, tenant }: OpenInvitation): InvitationPreviewType {
  const { email, role, expiresAt, openToAnyone } = invitation;
  const tenantName = tenant.name;
  return Object.assign(new InvitationPreviewType(), { tenantName, email, role, expiresAt, openToAnyone });
}

function statusOf({ acceptedAt, revokedAt, expiresAt }: InvitationEntity): InvitationStatus {
  if (acceptedAt !== null) return 'ACCEPTED';
  if (revokedAt !== null) return 'REVOKED';
  return expiresAt > new Date() ? 'PENDING' : 'EXPIRED';
}
