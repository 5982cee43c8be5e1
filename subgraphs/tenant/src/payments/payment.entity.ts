import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

export type PaymentStatus = 'PENDING' | 'SUCCEEDED' | 'FAILED';

@Entity({ tableName: 'payment' })
export class PaymentEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'uuid' })
  tenantId!: string;

  /** The plan of which a month is bought. */
  @Property({ type: 'text' })
  plan!: string;

  /** In the smallest unit of the currency. */
  @Property({ type: 'integer' })
  amount!: number;

  @Property({ type: 'text' })
  currency!: string;

  @Property({ type: 'text' })
  status!: PaymentStatus;

  @Property({ type: 'text' })
  provider!: string;

  /** What the client named it, so that it begins once. */
  @Property({ type: 'text', nullable: true })
  idempotencyKey: string | null = null;

  @Property({ type: 'uuid' })
  requestedBy!: string;

  @Property({ type: 'timestamptz' })
  createdAt!: Date;

  @Property({ type: 'timestamptz', nullable: true })
  settledAt: Date | null = null;
}
