import { GraphQLSafeInt } from '@tessera/service/graphql';
import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import type { ExportEntity } from './export.entity.js';

export const ExportScopeEnum = { TENANT: 'TENANT', MYSELF: 'MYSELF' } as const;

registerEnumType(ExportScopeEnum, {
  name: 'ExportScope',
  description: 'What to take out.',
  valuesConfig: {
    TENANT: { description: 'All that the active tenant owns, its files included.' },
    MYSELF: { description: 'All that is known of the caller as a person.' },
  },
});

@ObjectType('DataExport', { description: 'Everything of a tenant or a person, as JSON Lines and files in one tar.gz.' })
export class DataExportType {
  @Field(() => ID, { description: 'Grows with time.' })
  id!: string;

  @Field(() => ExportScopeEnum, { description: 'What is taken out.' })
  scope!: keyof typeof ExportScopeEnum;

  @Field(() => Date, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Field(() => GraphQLSafeInt, { description: 'Rows that are in the archive so far.' })
  rows!: number;

  @Field(() => GraphQLSafeInt, { description: 'Files that are in the archive so far.' })
  files!: number;

  @Field(() => Date, { nullable: true, description: 'When the archive was complete; null until then.' })
  completedAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'Until when the archive is kept; null until it is complete.' })
  expiresAt!: Date | null;

  @Field(() => GraphQLSafeInt, { nullable: true, description: 'Bytes of the archive; null until it is complete.' })
  sizeBytes!: number | null;

  /** Kept for the resolver of `downloadUrl`. */
  entity!: ExportEntity;
}

@InputType({ description: 'What to take out.' })
export class RequestExportInput {
  @Field(() => ExportScopeEnum, { description: 'The active tenant, or oneself.' })
  scope!: keyof typeof ExportScopeEnum;
}

/** An export as clients see it. */
export function toDataExportType(entity: ExportEntity): DataExportType {
  const { id, kind, createdAt, position, completedAt, expiresAt, sizeBytes } = entity;
  return Object.assign(new DataExportType(), {
    id,
    scope: kind === 'tenant' ? 'TENANT' : 'MYSELF',
    createdAt,
    rows: Object.values(position.rows).reduce((sum, rows) => sum + rows, 0),
    files: position.files,
    completedAt,
    expiresAt,
    sizeBytes,
    entity,
  });
}
