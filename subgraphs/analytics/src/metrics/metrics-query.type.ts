import { Field, InputType, Int } from 'type-graphql';
import { FilterOperatorEnum, GranularityEnum, MeasureKindEnum } from './metrics.enums.js';
import type { FilterOperator, Granularity, MeasureKind } from './metrics-query.js';

@InputType({ description: 'One number of every row.' })
export class MeasureInput {
  @Field(() => String, {
    nullable: true,
    description: 'Its name in the result; made from kind and property when absent.',
  })
  name?: string;

  @Field(() => MeasureKindEnum, { description: 'How events become a number.' })
  kind!: MeasureKind;

  @Field(() => String, {
    nullable: true,
    description: 'Key of the property to measure; absent where events or people are counted.',
  })
  property?: string;
}

@InputType({ description: 'Which events to look at.' })
export class MetricsFilterInput {
  @Field(() => String, { description: '`name`, `user` or `properties.<key>`.' })
  dimension!: string;

  @Field(() => FilterOperatorEnum, { description: 'How it is compared.' })
  operator!: FilterOperator;

  @Field(() => [String], { description: 'What it is compared with: one value, or up to 100 for IN.' })
  values!: string[];
}

@InputType({ description: 'A span of time, at most 400 days.' })
export class TimeRangeInput {
  @Field(() => Date, { description: 'Its beginning.' })
  from!: Date;

  @Field(() => Date, { description: 'Its end, which is no longer part of it.' })
  to!: Date;
}

@InputType('MetricsQuery', { description: 'A question about tracked events. All filters must hold.' })
export class MetricsQueryInput {
  @Field(() => [MeasureInput], { description: 'One to ten numbers to compute.' })
  measures!: MeasureInput[];

  @Field(() => [String], {
    nullable: true,
    description: 'Up to five of `name`, `user` and `properties.<key>`: a row for each combination of their values.',
  })
  dimensions?: string[];

  @Field(() => [MetricsFilterInput], { nullable: true, description: 'Up to 20 conditions.' })
  filters?: MetricsFilterInput[];

  @Field(() => TimeRangeInput, { description: 'When the events happened.' })
  range!: TimeRangeInput;

  @Field(() => GranularityEnum, { nullable: true, description: 'Steps of a time series; totals when absent.' })
  granularity?: Granularity;

  @Field(() => String, {
    nullable: true,
    description: 'Time zone of the IANA database in which days, weeks and months begin; UTC when absent.',
  })
  timeZone?: string;

  @Field(() => Int, { nullable: true, description: 'The most rows to answer, up to 10,000; 1,000 when absent.' })
  limit?: number;
}
