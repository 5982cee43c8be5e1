import { connectionType, GraphQLJSON } from '@tessera/service/graphql';
import { Directive, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { toUserType, UserType } from '../references/user.type.js';
import type { ManifestState, OperationManifestEntity } from './operation-manifest.entity.js';

export const OperationManifestStateEnum: Readonly<{ [Name in ManifestState]: Name }> = {
  ACTIVE: 'ACTIVE',
  REPLACED: 'REPLACED',
  WITHDRAWN: 'WITHDRAWN',
};

registerEnumType(OperationManifestStateEnum, {
  name: 'OperationManifestState',
  description: 'What became of a manifest.',
  valuesConfig: {
    ACTIVE: { description: 'Gateways have it.' },
    REPLACED: { description: 'Another one was published for the same version.' },
    WITHDRAWN: { description: 'Its version was taken out of use.' },
  },
});

@ObjectType('RegisteredOperation', { description: 'A document that a client was built with.' })
export class RegisteredOperationType {
  @Field(() => ID, { description: 'What the client names it by.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'Name of its operation; null for an anonymous one.' })
  name!: string | null;

  @Field(() => String, { description: 'The text.' })
  body!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('OperationManifest', { description: 'What one version of a client was built with.' })
export class OperationManifestType {
  @Field(() => ID, { description: 'Stays the same for ever.' })
  id!: string;

  @Field(() => String, { description: 'Name that the client sends in its headers.' })
  clientName!: string;

  @Field(() => String, { description: 'Version that the client sends in its headers.' })
  clientVersion!: string;

  @Field(() => Int, { description: 'Counts what was published for this client and version, from 1.' })
  revision!: number;

  @Field(() => OperationManifestStateEnum, { description: 'Whether it is in use, or what became of it.' })
  state!: ManifestState;

  @Field(() => String, { description: 'How it was written: apollo, relay-pairs or map.' })
  format!: string;

  @Field(() => String, { description: 'SHA-256 of its ids and texts; equal for manifests that say the same.' })
  sha256!: string;

  @Field(() => Int, { description: 'How many operations it has.' })
  operationCount!: number;

  @Field(() => UserType, { description: 'Who published it.' })
  publishedBy!: UserType;

  @Field(() => Date, { description: 'When it was published.' })
  publishedAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it was replaced or withdrawn; null while it is in use.' })
  endedAt!: Date | null;
}

export const OperationManifestConnection = connectionType('OperationManifest', OperationManifestType);

@InputType({ description: 'What one version of a client was built with.' })
export class PublishOperationManifestInput {
  @Field(() => String, { description: 'Name that the client sends in its headers, up to 64 characters.' })
  clientName!: string;

  @Field(() => String, { description: 'Version that the client sends in its headers, up to 64 characters.' })
  clientVersion!: string;

  @Field(() => GraphQLJSON, {
    description:
      'The manifest of Apollo (version 1), Relay (map or pairs) or GraphQL Codegen: as JSON, or as its text.',
  })
  manifest!: unknown;
}

@InputType({ description: 'A version of a client that is out of use.' })
export class WithdrawOperationManifestInput {
  @Field(() => String, { description: 'Name that the client sends in its headers.' })
  clientName!: string;

  @Field(() => String, { description: 'Version that the client sends in its headers.' })
  clientVersion!: string;
}

export function toOperationManifestType(manifest: OperationManifestEntity): OperationManifestType {
  const { id, clientName, clientVersion, revision, state, format, sha256, operationCount } = manifest;
  const { publishedBy, publishedAt, endedAt } = manifest;
  const what = { id, clientName, clientVersion, revision, state, format, sha256, operationCount };
  return Object.assign(new OperationManifestType(), {
    ...what,
    publishedBy: toUserType(publishedBy),
    publishedAt,
    endedAt,
  });
}
