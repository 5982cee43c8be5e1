import { connectionType } from '@tessera/service/graphql';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { BillingDeliveryEntity, BillingDeliveryStatus } from './billing-delivery.entity.js';

export const BillingDeliveryStatusEnum = { PENDING: 'PENDING', DELIVERED: 'DELIVERED', FAILED: 'FAILED' } as const;

registerEnumType(BillingDeliveryStatusEnum, {
  name: 'BillingDeliveryStatus',
  description: 'What became of a message to billing.',
  valuesConfig: {
    PENDING: { description: 'Not taken yet; it is tried again.' },
    DELIVERED: { description: 'Taken.' },
    FAILED: { description: 'Not taken for a day; it is not tried again.' },
  },
});

@ObjectType('BillingDelivery', { description: 'A message to the billing of who runs the platform.' })
export class BillingDeliveryType {
  @Field(() => ID, { description: 'Also the `webhook-id` of every attempt.' })
  id!: string;

  @Field(() => ID, { description: 'The tenant that it is about.' })
  tenantId!: string;

  @Field(() => String, { description: '`tenant.planChanged` or `tenant.usageSummarised`.' })
  type!: string;

  @Field(() => BillingDeliveryStatusEnum, { description: 'What became of it.' })
  status!: BillingDeliveryStatus;

  @Field(() => Int, { description: 'How often it was tried.' })
  attempts!: number;

  @Field(() => Int, { nullable: true, description: 'HTTP status of the last attempt; null where nobody answered.' })
  lastStatus!: number | null;

  @Field(() => String, { nullable: true, description: 'Why the last attempt was in vain.' })
  lastError!: string | null;

  @Field(() => Date, { description: 'When what it says happened.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it was taken.' })
  deliveredAt!: Date | null;
}

export const BillingDeliveryConnection = connectionType('BillingDelivery', BillingDeliveryType);

export function toBillingDeliveryType(delivery: BillingDeliveryEntity): BillingDeliveryType {
  const { id, tenantId, type, status, attempts, lastStatus, lastError, createdAt, deliveredAt } = delivery;
  const shown = { id, tenantId, type, status, attempts, lastStatus, lastError, createdAt, deliveredAt };
  return Object.assign(new BillingDeliveryType(), shown);
}
