import { GraphQLSafeInt } from '@tessera/service/graphql';
import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { countRows, positionOf, type ExportEntity, type ExportFailure } from './export.entity.js';

export const ExportScopeEnum = { TENANT: 'TENANT', MYSELF: 'MYSELF' } as const;

registerEnumType(ExportScopeEnum, {
  name: 'ExportScope',
  description: 'What to take out.',
  valuesConfig: {
    TENANT: { description: 'All that the active tenant owns, its files included.' },
    MYSELF: { description: 'All that is known of the caller as a person.' },
  },
});

export const ExportStageEnum = {
  COUNTING: 'COUNTING',
  ROWS: 'ROWS',
  FILES: 'FILES',
  FINISHING: 'FINISHING',
  READY: 'READY',
  FAILED: 'FAILED',
} as const;

registerEnumType(ExportStageEnum, {
  name: 'ExportStage',
  description: 'What is being done for an export.',
  valuesConfig: {
    COUNTING: { description: 'It waits for its turn, and for how much there is.' },
    ROWS: { description: 'Rows are put into the archive.' },
    FILES: { description: 'Files are put into the archive.' },
    FINISHING: { description: 'The archive is closed.' },
    READY: { description: 'The archive can be downloaded, until it expires.' },
    FAILED: { description: 'It was given up, for the reason that `failure` is. It can be asked for again.' },
  },
});

@ObjectType('ExportFailure', { description: 'Why an export ended without an archive.' })
export class ExportFailureType {
  @Field(() => String, { description: 'A code of errors, such as SUBGRAPH_UNAVAILABLE.' })
  code!: string;

  @Field(() => String, { description: 'For people.' })
  message!: string;
}

@ObjectType('DataExport', { description: 'Everything of a tenant or a person, as JSON Lines and files in one tar.gz.' })
export class DataExportType {
  @Field(() => ID, { description: 'Grows with time.' })
  id!: string;

  @Field(() => ExportScopeEnum, { description: 'What is taken out.' })
  scope!: keyof typeof ExportScopeEnum;

  @Field(() => Date, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Field(() => ExportStageEnum, { description: 'What is being done for it.' })
  stage!: keyof typeof ExportStageEnum;

  @Field(() => GraphQLSafeInt, { description: 'Rows that are in the archive so far.' })
  rows!: number;

  @Field(() => GraphQLSafeInt, { description: 'Files that are in the archive so far.' })
  files!: number;

  @Field(() => GraphQLSafeInt, { description: 'Bytes of those files.' })
  fileBytes!: number;

  @Field(() => GraphQLSafeInt, {
    nullable: true,
    description: 'Rows that there were when it began; null until they are counted, and where they cannot be.',
  })
  totalRows!: number | null;

  @Field(() => GraphQLSafeInt, {
    nullable: true,
    description: 'Files that there were when it began; null until they are counted.',
  })
  totalFiles!: number | null;

  @Field(() => GraphQLSafeInt, { nullable: true, description: 'Bytes of the files that there were; null until then.' })
  totalFileBytes!: number | null;

  @Field(() => Date, { nullable: true, description: 'When the archive was complete; null until then.' })
  completedAt!: Date | null;

  @Field(() => Date, {
    nullable: true,
    description:
      'Until when it is kept, with its archive; null until it is complete or has failed. A newer archive makes it a quarter of an hour.',
  })
  expiresAt!: Date | null;

  @Field(() => ExportFailureType, { nullable: true, description: 'Why it failed; null unless it did.' })
  failure!: ExportFailure | null;

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
  const { id, kind, createdAt, completedAt, expiresAt, failure, sizeBytes } = entity;
  const position = positionOf(entity);
  const { stage, rows, files, fileBytes, totals } = { ...position, ...position.shown };
  return Object.assign(new DataExportType(), {
    id,
    scope: kind === 'tenant' ? 'TENANT' : 'MYSELF',
    createdAt,
    stage: failure !== null ? 'FAILED' : completedAt === null ? stage : 'READY',
    rows: countRows(rows),
    files,
    fileBytes,
    totalRows: totals?.rows ?? null,
    totalFiles: totals?.files ?? null,
    totalFileBytes: totals?.fileBytes ?? null,
    completedAt,
    expiresAt,
    failure,
    sizeBytes,
    entity,
  });
}
