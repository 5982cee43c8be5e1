import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

export const manifestStates = ['ACTIVE', 'REPLACED', 'WITHDRAWN'] as const;
export type ManifestState = (typeof manifestStates)[number];

/** What one version of a client was built with, as it was published once. */
@Entity({ tableName: 'operation_manifest' })
export class OperationManifestEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'text' })
  clientName!: string;

  @Property({ type: 'text' })
  clientVersion!: string;

  /** Counts what was published for this client and version. */
  @Property({ type: 'integer' })
  revision!: number;

  @Property({ type: 'text' })
  state!: ManifestState;

  @Property({ type: 'text' })
  format!: string;

  /** Of the ids and texts, however the manifest was written. */
  @Property({ type: 'text' })
  sha256!: string;

  @Property({ type: 'integer' })
  operationCount!: number;

  @Property({ type: 'uuid' })
  publishedBy!: string;

  @Property({ type: 'timestamptz' })
  publishedAt!: Date;

  @Property({ type: 'timestamptz', nullable: true })
  endedAt: Date | null = null;
}
