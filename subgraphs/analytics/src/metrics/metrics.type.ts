import { CacheAsParent, ListCost } from '@tessera/service/graphql';
import { Field, Float, ObjectType } from 'type-graphql';

@ObjectType('MetricsDimension', { description: 'What the events of a row have in common.' })
export class MetricsDimensionType {
  @Field(() => String, { description: 'The dimension, as it was asked for.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Its value as text; null where the events have none.' })
  value!: string | null;
}

@ObjectType('MetricsMeasure', { description: 'One number of a row.' })
export class MetricsMeasureType {
  @Field(() => String, { description: 'The measure’s name.' })
  name!: string;

  @Field(() => Float, { nullable: true, description: 'The number; null where no event has one.' })
  value!: number | null;
}

@ObjectType('MetricsRow', { description: 'The measures of one step of time and one combination of dimensions.' })
export class MetricsRowType {
  @Field(() => Date, { nullable: true, description: 'When the step begins; null for totals.' })
  at!: Date | null;

  @CacheAsParent()
  @ListCost(3)
  @Field(() => [MetricsDimensionType], { description: 'In the order of the question.' })
  dimensions!: readonly MetricsDimensionType[];

  @CacheAsParent()
  @ListCost(3)
  @Field(() => [MetricsMeasureType], { description: 'In the order of the question.' })
  measures!: readonly MetricsMeasureType[];
}

@ObjectType('MetricsResult', { description: 'The answer to a metrics query.' })
export class MetricsResultType {
  @CacheAsParent()
  @ListCost(100)
  @Field(() => [MetricsRowType], {
    description:
      'A time series in its order, totals with the largest first measure first. Steps without events are left out.',
  })
  rows!: readonly MetricsRowType[];

  @Field(() => Boolean, { description: 'Whether there were more rows than the limit.' })
  truncated!: boolean;
}
