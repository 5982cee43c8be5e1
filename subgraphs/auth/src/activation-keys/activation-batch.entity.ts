import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** Activation keys that were issued together, for one plan and term. */
@Entity({ tableName: 'activation_batch' })
export class ActivationBatchEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'text' })
  name!: string;

  @Property({ type: 'text' })
  plan!: string;

  /** Null: for good. */
  @Property({ type: 'integer', nullable: true })
  termDays: number | null = null;

  @Property({ type: 'integer' })
  keyCount!: number;

  /** Until when its keys can be redeemed. */
  @Property({ type: 'timestamptz', nullable: true })
  validUntil: Date | null = null;

  @Property({ type: 'uuid' })
  createdBy!: string;

  @Property({ type: 'timestamptz' })
  createdAt!: Date;

  @Property({ type: 'timestamptz', nullable: true })
  revokedAt: Date | null = null;
}
