import { BigIntType } from '@mikro-orm/core';
import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { Subject, SubjectKind } from '@tessera/service/personal-data';
import type { ObjectKey, AppendState } from '../object-store/object-store.js';

/** What is being done for an export that is not complete. */
export type ExportStage = 'COUNTING' | 'ROWS' | 'FILES' | 'FINISHING';

/** How much there was to take out when it began. */
export interface ExportTotals {
  /** Null where a service could not say. */
  readonly rows: number | null;
  readonly files: number;
  readonly fileBytes: number;
}

/** Why an export ended without an archive: a code of errors, and what can be told of it. */
export interface ExportFailure {
  readonly code: string;
  readonly message: string;
}

/** How far an export is: all that is needed to go on after a crash. */
export interface ExportPosition {
  /** Whoever goes on with it puts a name of its own here: who was before, and is still there, must not. */
  readonly attempt: string | null;
  readonly stage: ExportStage;
  /** Null until everything is counted. */
  readonly totals: ExportTotals | null;
  /** Index of the service whose rows are next; the number of services when files are. */
  readonly source: number;
  /** Where its next page begins; null at its beginning. */
  readonly after: string | null;
  /** The last file that is in the archive. */
  readonly fileId: string | null;
  /** Rows by `service/table`. */
  readonly rows: Readonly<Record<string, number>>;
  readonly pages: number;
  readonly files: number;
  readonly fileBytes: number;
  readonly missingFiles: readonly string[];
  /** Further than the rest says, where the archive cannot be kept as often as it grows: for who watches, not to go on from. */
  readonly shown?: Pick<ExportPosition, 'stage' | 'rows' | 'files' | 'fileBytes'> | undefined;
  /** The archive up to here. */
  readonly archive: AppendState | null;
}

export const exportBeginning: ExportPosition = {
  attempt: null,
  stage: 'COUNTING',
  totals: null,
  source: 0,
  after: null,
  fileId: null,
  rows: {},
  pages: 0,
  files: 0,
  fileBytes: 0,
  missingFiles: [],
  archive: null,
};

@Entity({ tableName: 'data_export' })
export class ExportEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'text' })
  kind!: SubjectKind;

  @Property({ type: 'uuid' })
  subjectId!: string;

  @Property({ type: 'uuid' })
  requestedBy!: string;

  @Property({ type: 'timestamptz' })
  createdAt!: Date;

  @Property({ type: 'json' })
  position!: ExportPosition;

  /** When it came further, as it is kept. */
  @Property({ type: 'timestamptz' })
  movedAt!: Date;

  @Property({ type: 'timestamptz', nullable: true })
  completedAt: Date | null = null;

  @Property({ type: 'json', nullable: true })
  failure: ExportFailure | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  expiresAt: Date | null = null;

  @Property({ type: new BigIntType('number'), nullable: true })
  sizeBytes: number | null = null;
}

/** How far it is; what an older release did not know is as at the beginning. */
export function positionOf({ position }: Pick<ExportEntity, 'position'>): ExportPosition {
  return { ...exportBeginning, ...position };
}

/** How many rows these are. */
export function countRows(rows: ExportPosition['rows']): number {
  return Object.values(rows).reduce((sum, count) => sum + count, 0);
}

/** Whose data it is. */
export function subjectOf({ kind, subjectId }: Pick<ExportEntity, 'kind' | 'subjectId'>): Subject {
  return { kind, id: subjectId };
}

/** How long a URL of an archive is good. */
export const archiveUrlLifetimeMs = 15 * 60_000;

/** The archive's object: in the part of the store that goes when its subject is erased. */
export function archiveKey({ id, subjectId }: Pick<ExportEntity, 'id' | 'subjectId'>): ObjectKey {
  return { tenantId: subjectId, fileId: id };
}
