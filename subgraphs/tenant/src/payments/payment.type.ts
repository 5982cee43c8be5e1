import { connectionType } from '@tessera/service/graphql';
import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { PriceType } from '../plans/plan.type.js';
import type { PaymentEntity, PaymentStatus } from './payment.entity.js';

export const PaymentStatusEnum = { PENDING: 'PENDING', SUCCEEDED: 'SUCCEEDED', FAILED: 'FAILED' } as const;

registerEnumType(PaymentStatusEnum, {
  name: 'PaymentStatus',
  description: 'What became of a payment.',
  valuesConfig: {
    PENDING: { description: 'Begun; the provider has not said yet what became of it.' },
    SUCCEEDED: { description: 'Paid, and the plan was given.' },
    FAILED: { description: 'Not paid; nothing has changed.' },
  },
});

@ObjectType('Payment', { description: 'A month of a plan that a tenant bought, or began to buy.' })
export class PaymentType {
  @Field(() => ID, { description: 'Stays the same for ever.' })
  id!: string;

  @Field(() => String, { description: 'Id of the plan.' })
  plan!: string;

  @Field(() => PriceType, { description: 'What it costs.' })
  price!: PriceType;

  @Field(() => PaymentStatusEnum, { description: 'What became of it.' })
  status!: PaymentStatus;

  @Field(() => Date, { description: 'When it began.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When the provider said what became of it.' })
  settledAt!: Date | null;
}

export const PaymentConnection = connectionType('Payment', PaymentType);

@InputType({ description: 'What is bought.' })
export class CheckoutInput {
  @Field(() => String, { description: 'Id of a plan with a price.' })
  plan!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Names the purchase: asking again with the same key buys nothing twice.',
  })
  idempotencyKey?: string | null;
}

@ObjectType('CheckoutPayload', { description: 'A payment that has begun.' })
export class CheckoutPayload {
  @Field(() => PaymentType, { description: 'The payment; the plan changes when it has succeeded.' })
  payment!: PaymentType;

  @Field(() => String, { nullable: true, description: 'Where the person pays; null where there is nothing to do.' })
  url!: string | null;
}

export function toPaymentType({ amount, currency, ...payment }: PaymentEntity): PaymentType {
  const { id, plan, status, createdAt, settledAt } = payment;
  const price = Object.assign(new PriceType(), { amount, currency });
  return Object.assign(new PaymentType(), { id, plan, price, status, createdAt, settledAt });
}
