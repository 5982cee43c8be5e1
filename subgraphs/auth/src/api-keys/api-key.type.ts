import { connectionType } from '@tessera/service/graphql';
import { Directive, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { ApiKeyEntity } from './api-key.entity.js';

@Directive('@key(fields: "id")')
@ObjectType('ApiKey', { description: 'A key by which a program acts inside one tenant.' })
export class ApiKeyType {
  @Field(() => ID, { description: 'Stays the same.' })
  id!: string;

  @Field(() => String, { description: 'What it is for.' })
  name!: string;

  @Field(() => String, { description: 'How its token begins.' })
  prefix!: string;

  @Field(() => [String], { description: 'The permissions that it has.' })
  scopes!: string[];

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it ends; null for never.' })
  expiresAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it was used last, to the minute; null for never.' })
  lastUsedAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it was revoked.' })
  revokedAt!: Date | null;
}

export const ApiKeyConnection = connectionType('ApiKey', ApiKeyType);

@ObjectType('ApiKeyPayload', { description: 'A new key.' })
export class ApiKeyPayloadType {
  @Field(() => ApiKeyType, { description: 'The key.' })
  apiKey!: ApiKeyType;

  @Field(() => String, {
    description: 'What the program sends as bearer token. It is shown this once and kept nowhere.',
  })
  token!: string;
}

@InputType({ description: 'What a new key is for and what it may do.' })
export class CreateApiKeyInput {
  @Field(() => String, { description: 'What it is for: 100 characters at most.' })
  name!: string;

  @Field(() => [String], { description: 'Permissions: only what the caller has.' })
  scopes!: string[];

  @Field(() => Date, { nullable: true, description: 'When it ends; never when absent.' })
  expiresAt?: Date;
}

@InputType({ description: 'Which key to replace.' })
export class RotateApiKeyInput {
  @Field(() => ID, { description: 'The key.' })
  id!: string;

  @Field(() => Int, {
    defaultValue: 3_600,
    description: 'How long the old token is good beside the new: a week at most.',
  })
  overlapSeconds!: number;
}

export function toApiKeyType(entity: ApiKeyEntity): ApiKeyType {
  const { id, name, prefix, scopes, createdAt, expiresAt, lastUsedAt, revokedAt } = entity;
  return Object.assign(new ApiKeyType(), { id, name, prefix, scopes, createdAt, expiresAt, lastUsedAt, revokedAt });
}
