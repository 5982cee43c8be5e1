import { BigIntType } from '@mikro-orm/core';
import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { Subject, SubjectKind } from '@tessera/service/personal-data';
import type { ObjectKey, AppendState } from '../object-store/object-store.js';

/** How far an export is: all that is needed to go on after a crash. */
export interface ExportPosition {
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
  readonly missingFiles: readonly string[];
  /** The archive up to here. */
  readonly archive: AppendState | null;
}

export const exportBeginning: ExportPosition = {
  source: 0,
  after: null,
  fileId: null,
  rows: {},
  pages: 0,
  files: 0,
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

  @Property({ type: 'timestamptz', nullable: true })
  completedAt: Date | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  expiresAt: Date | null = null;

  @Property({ type: new BigIntType('number'), nullable: true })
  sizeBytes: number | null = null;
}

/** Whose data it is. */
export function subjectOf({ kind, subjectId }: Pick<ExportEntity, 'kind' | 'subjectId'>): Subject {
  return { kind, id: subjectId };
}

/** The archive's object: in the part of the store that goes when its subject is erased. */
export function archiveKey({ id, subjectId }: Pick<ExportEntity, 'id' | 'subjectId'>): ObjectKey {
  return { tenantId: subjectId, fileId: id };
}
