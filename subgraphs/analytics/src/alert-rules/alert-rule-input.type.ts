import { Field, Float, ID, InputType, Int } from 'type-graphql';
import type { AlertMeasure, AlertOperator } from './alert-rule-input.js';
import { AlertMeasureEnum, AlertOperatorEnum } from './alert-rule.type.js';

@InputType({ description: 'A new rule of the active tenant.' })
export class CreateAlertRuleInput {
  @Field(() => String, { description: 'Name for people, up to 200 characters.' })
  name!: string;

  @Field(() => AlertMeasureEnum, { description: 'What it looks at.' })
  measure!: AlertMeasure;

  @Field(() => String, { nullable: true, description: 'Counts only events of this name; for measures of events.' })
  eventName?: string;

  @Field(() => AlertOperatorEnum, { description: 'On which side of the threshold the condition holds.' })
  operator!: AlertOperator;

  @Field(() => Float, {
    description:
      'What the measure is compared with: rates of errors are 0 to 1, latencies 0 to 5,000, all others 0 or more.',
  })
  threshold!: number;

  @Field(() => Int, {
    defaultValue: 60,
    description: 'How many of the last seconds the measure covers: 1 to 3,600, of measures of requests at least 10.',
  })
  windowSeconds!: number;

  @Field(() => Int, {
    defaultValue: 0,
    description: 'How many seconds the condition must hold before the alert fires, up to a day.',
  })
  forSeconds!: number;
}

@InputType({ description: 'What to change of a rule; what is absent stays.' })
export class UpdateAlertRuleInput {
  @Field(() => ID, { description: 'The rule.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'New name for people.' })
  name?: string;

  @Field(() => AlertOperatorEnum, { nullable: true, description: 'New side of the threshold.' })
  operator?: AlertOperator;

  @Field(() => Float, { nullable: true, description: 'New threshold.' })
  threshold?: number;

  @Field(() => Int, {
    nullable: true,
    description: 'New window: 1 to 3,600 seconds, of measures of requests at least 10.',
  })
  windowSeconds?: number;

  @Field(() => Int, { nullable: true, description: 'New duration before the alert fires, in seconds.' })
  forSeconds?: number;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether it is evaluated; switching it off resolves its alert.',
  })
  enabled?: boolean;
}
