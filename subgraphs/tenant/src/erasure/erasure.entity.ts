import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { Subject, SubjectKind } from '@tessera/service/personal-data';

/** That a tenant or a person is to be erased, and how far that is. It outlives its subject, as the proof. */
@Entity({ tableName: 'erasure' })
export class ErasureEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'text' })
  kind!: SubjectKind;

  @Property({ type: 'uuid' })
  subjectId!: string;

  @Property({ type: 'uuid' })
  requestedBy!: string;

  @Property({ type: 'timestamptz' })
  requestedAt!: Date;

  /** Until then it can be cancelled. */
  @Property({ type: 'timestamptz' })
  dueAt!: Date;

  @Property({ type: 'timestamptz', nullable: true })
  cancelledAt: Date | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  startedAt: Date | null = null;

  /** Who has to report before it is complete; null until it has begun. */
  @Property({ type: 'text[]', nullable: true })
  subgraphs: string[] | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  completedAt: Date | null = null;
}

/** What one subgraph has erased. */
@Entity({ tableName: 'erasure_report' })
export class ErasureReportEntity {
  @PrimaryKey({ type: 'uuid' })
  erasureId!: string;

  @PrimaryKey({ type: 'text' })
  subgraph!: string;

  @Property({ type: 'jsonb' })
  counts!: Record<string, number>;

  @Property({ type: 'timestamptz' })
  reportedAt!: Date;
}

/** Whom an erasure erases. */
export function subjectOf({ kind, subjectId }: ErasureEntity): Subject {
  return { kind, id: subjectId };
}
