import { connectionType } from '@tessera/service/graphql';
import { Directive, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { MachineClientEntity } from './machine-client.entity.js';

@Directive('@key(fields: "id")')
@ObjectType('MachineClient', {
  description:
    'A program that fetches access tokens for itself at `/oauth/token`, by client credentials (RFC 6749, 4.4).',
})
export class MachineClientType {
  @Field(() => ID, { description: 'The `client_id`.' })
  id!: string;

  @Field(() => String, { description: 'What it is for.' })
  name!: string;

  @Field(() => [String], { description: 'The permissions that its tokens may have.' })
  scopes!: string[];

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it last fetched a token, to the minute; null for never.' })
  lastUsedAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'Until when the secret before this one is good.' })
  formerSecretUntil!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it was revoked.' })
  revokedAt!: Date | null;
}

export const MachineClientConnection = connectionType('MachineClient', MachineClientType);

@ObjectType('MachineClientPayload', { description: 'A client with a new secret.' })
export class MachineClientPayloadType {
  @Field(() => MachineClientType, { description: 'The client.' })
  client!: MachineClientType;

  @Field(() => String, { description: 'The `client_secret`. It is shown this once and kept nowhere.' })
  secret!: string;
}

@InputType({ description: 'What a new client is for and what it may do.' })
export class CreateMachineClientInput {
  @Field(() => String, { description: 'What it is for: 100 characters at most.' })
  name!: string;

  @Field(() => [String], { description: 'Permissions: only what the caller has.' })
  scopes!: string[];
}

@InputType({ description: 'Which client gets a new secret.' })
export class RotateMachineClientSecretInput {
  @Field(() => ID, { description: 'The client.' })
  id!: string;

  @Field(() => Int, {
    defaultValue: 86_400,
    description: 'How long the old secret is good beside the new: a week at most.',
  })
  overlapSeconds!: number;
}

export function toMachineClientType(entity: MachineClientEntity): MachineClientType {
  const { id, name, scopes, createdAt, lastUsedAt, formerSecretUntil, revokedAt } = entity;
  const type = new MachineClientType();
  return Object.assign(type, { id, name, scopes, createdAt, lastUsedAt, formerSecretUntil, revokedAt });
}
