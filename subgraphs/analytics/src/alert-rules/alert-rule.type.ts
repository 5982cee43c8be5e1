import { connectionType } from '@tessera/service/graphql';
import { Directive, Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { AlertRuleEntity } from './alert-rule.entity.js';
import type { AlertMeasure, AlertOperator } from './alert-rule-input.js';

export const AlertMeasureEnum: Readonly<{ [Name in AlertMeasure]: Name }> = {
  EVENT_COUNT: 'EVENT_COUNT',
  EVENTS_PER_SECOND: 'EVENTS_PER_SECOND',
  REQUESTS_PER_SECOND: 'REQUESTS_PER_SECOND',
  ERROR_RATE: 'ERROR_RATE',
  LATENCY_P50_MS: 'LATENCY_P50_MS',
  LATENCY_P95_MS: 'LATENCY_P95_MS',
  LATENCY_P99_MS: 'LATENCY_P99_MS',
};

registerEnumType(AlertMeasureEnum, {
  name: 'AlertMeasure',
  description: 'What a rule looks at, over its window. Error rate and latencies have no value without requests.',
  valuesConfig: {
    EVENT_COUNT: { description: 'Events that arrived.' },
    EVENTS_PER_SECOND: { description: 'Events that arrived, a second.' },
    REQUESTS_PER_SECOND: { description: 'API requests a second.' },
    ERROR_RATE: { description: 'Share of the API requests that failed, 0 to 1.' },
    LATENCY_P50_MS: { description: 'Median latency of API requests, in milliseconds.' },
    LATENCY_P95_MS: { description: '95th percentile of the latency of API requests, in milliseconds.' },
    LATENCY_P99_MS: { description: '99th percentile of the latency of API requests, in milliseconds.' },
  },
});

export const AlertOperatorEnum: Readonly<{ [Name in AlertOperator]: Name }> = {
  GREATER_THAN: 'GREATER_THAN',
  LESS_THAN: 'LESS_THAN',
};

registerEnumType(AlertOperatorEnum, {
  name: 'AlertOperator',
  description: 'On which side of the threshold a rule’s condition holds.',
  valuesConfig: {
    GREATER_THAN: { description: 'The value is greater than the threshold.' },
    LESS_THAN: { description: 'The value is less than the threshold.' },
  },
});

@Directive('@key(fields: "id")')
@ObjectType('AlertRule', { description: 'When people of a tenant want to be told.' })
export class AlertRuleType {
  @Field(() => ID, { description: 'Stays the same for ever.' })
  id!: string;

  @Field(() => String, { description: 'Name for people.' })
  name!: string;

  @Field(() => AlertMeasureEnum, { description: 'What it looks at.' })
  measure!: AlertMeasure;

  @Field(() => String, { nullable: true, description: 'The only events that are counted; null for all.' })
  eventName!: string | null;

  @Field(() => AlertOperatorEnum, { description: 'On which side of the threshold its condition holds.' })
  operator!: AlertOperator;

  @Field(() => Float, { description: 'What the measure is compared with.' })
  threshold!: number;

  @Field(() => Int, { description: 'How many of the last seconds the measure covers.' })
  windowSeconds!: number;

  @Field(() => Int, { description: 'How many seconds the condition must hold before the alert fires.' })
  forSeconds!: number;

  @Field(() => Boolean, { description: 'Whether it is evaluated.' })
  enabled!: boolean;

  @Field(() => Date, { description: 'When it was created.' })
  createdAt!: Date;

  @Field(() => Date, { description: 'When it was last changed.' })
  updatedAt!: Date;
}

export const AlertRuleConnection = connectionType('AlertRule', AlertRuleType);

export function toAlertRuleType(rule: AlertRuleEntity): AlertRuleType {
  const { id, name, measure, eventName, operator, threshold, windowSeconds, forSeconds, enabled } = rule;
  const { createdAt, updatedAt } = rule;
  const condition = { measure, eventName, operator, threshold, windowSeconds, forSeconds };
  return Object.assign(new AlertRuleType(), { id, name, ...condition, enabled, createdAt, updatedAt });
}
