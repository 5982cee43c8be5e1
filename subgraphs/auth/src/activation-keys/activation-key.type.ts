import { connectionType } from '@tessera/service/graphql';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { ListedBatch } from './activation-batch.service.js';
import type { ActivationKeyState } from './activation-key.service.js';

export const ActivationKeyStateEnum = {
  ISSUED: 'ISSUED',
  ACTIVATED: 'ACTIVATED',
  EXPIRED: 'EXPIRED',
  REVOKED: 'REVOKED',
} as const;

registerEnumType(ActivationKeyStateEnum, {
  name: 'ActivationKeyState',
  description: 'What can be done with an activation key.',
  valuesConfig: {
    ISSUED: { description: 'It can be activated.' },
    ACTIVATED: { description: 'It was, once and for all.' },
    EXPIRED: { description: 'It was not activated in time.' },
    REVOKED: { description: 'The platform has taken it back.' },
  },
});

@ObjectType('ActivationKey', { description: 'A key that gives a tenant a plan for a term, once.' })
export class ActivationKeyType {
  @Field(() => ActivationKeyStateEnum, { description: 'What can be done with it.' })
  state!: ActivationKeyState;

  @Field(() => String, { description: 'The plan that it gives.' })
  plan!: string;

  @Field(() => Int, { nullable: true, description: 'For how many days; null for good.' })
  termDays!: number | null;

  @Field(() => Date, { nullable: true, description: 'Until when it can be activated; null for ever.' })
  validUntil!: Date | null;

  @Field(() => Date, {
    nullable: true,
    description: 'When the active tenant activated it; null where another did, or nobody.',
  })
  activatedAt!: Date | null;
}

@ObjectType('ActivationBatch', { description: 'Activation keys that were issued together.' })
export class ActivationBatchType {
  @Field(() => ID, { description: 'Stays the same.' })
  id!: string;

  @Field(() => String, { description: 'What it is for.' })
  name!: string;

  @Field(() => String, { description: 'The plan that its keys give.' })
  plan!: string;

  @Field(() => Int, { nullable: true, description: 'For how many days; null for good.' })
  termDays!: number | null;

  @Field(() => Int, { description: 'How many keys it has.' })
  keyCount!: number;

  @Field(() => Int, { description: 'How many of them are activated.' })
  activatedCount!: number;

  @Field(() => Date, { nullable: true, description: 'Until when its keys can be activated; null for ever.' })
  validUntil!: Date | null;

  @Field(() => Date, { description: 'When it was issued.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When the platform took back the keys that were left.' })
  revokedAt!: Date | null;
}

export const ActivationBatchConnection = connectionType('ActivationBatch', ActivationBatchType);

@ObjectType('IssueActivationKeysPayload', { description: 'New keys.' })
export class IssueActivationKeysPayloadType {
  @Field(() => ActivationBatchType, { description: 'The batch.' })
  batch!: ActivationBatchType;

  @Field(() => [String], { description: 'The keys. They are shown this once and kept nowhere.' })
  keys!: readonly string[];
}

@InputType({ description: 'Which keys to issue.' })
export class IssueActivationKeysInput {
  @Field(() => String, { description: 'What they are for: 100 characters at most.' })
  name!: string;

  @Field(() => String, { description: 'Id of a plan that `plans` lists.' })
  plan!: string;

  @Field(() => Int, { description: 'How many: 1 to 1,000.' })
  count!: number;

  @Field(() => Int, { nullable: true, description: 'For how many days each gives the plan; for good when absent.' })
  termDays?: number;

  @Field(() => Date, { nullable: true, description: 'Until when they can be activated; for ever when absent.' })
  validUntil?: Date;
}

export function toActivationBatchType({ batch, activatedCount }: ListedBatch): ActivationBatchType {
  const { id, name, plan, termDays, keyCount, validUntil, createdAt, revokedAt } = batch;
  const fields = { id, name, plan, termDays, keyCount, activatedCount, validUntil, createdAt, revokedAt };
  return Object.assign(new ActivationBatchType(), fields);
}
