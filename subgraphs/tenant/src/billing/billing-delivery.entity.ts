import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

export type BillingDeliveryStatus = 'PENDING' | 'DELIVERED' | 'FAILED';

@Entity({ tableName: 'billing_delivery' })
export class BillingDeliveryEntity {
  /** Also the id of the message: the same at every attempt. */
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'uuid' })
  tenantId!: string;

  @Property({ type: 'text' })
  type!: string;

  /** JSON, as it is signed and sent. */
  @Property({ type: 'text' })
  body!: string;

  @Property({ type: 'text' })
  status!: BillingDeliveryStatus;

  @Property({ type: 'integer' })
  attempts: number = 0;

  /** HTTP status of the last attempt that was answered. */
  @Property({ type: 'integer', nullable: true })
  lastStatus: number | null = null;

  @Property({ type: 'text', nullable: true })
  lastError: string | null = null;

  @Property({ type: 'timestamptz' })
  createdAt!: Date;

  @Property({ type: 'timestamptz', nullable: true })
  deliveredAt: Date | null = null;
}
