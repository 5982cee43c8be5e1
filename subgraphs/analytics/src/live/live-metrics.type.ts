import { Field, Float, Int, ObjectType } from 'type-graphql';

@ObjectType('LiveMetrics', { description: 'What happens in a tenant, over about the last five seconds.' })
export class LiveMetricsType {
  @Field(() => Date, { description: 'The moment of these numbers.' })
  at!: Date;

  @Field(() => Float, { description: 'Tracked events a second.' })
  eventsPerSecond!: number;

  @Field(() => Float, { description: 'API requests a second.' })
  requestsPerSecond!: number;

  @Field(() => Float, { description: 'Share of the requests that failed, 0 to 1; 0 without requests.' })
  errorRate!: number;

  @Field(() => Float, { description: 'Half of the requests were answered within so many milliseconds.' })
  latencyP50Ms!: number;

  @Field(() => Float, { description: '95 of 100 requests were answered within so many milliseconds.' })
  latencyP95Ms!: number;

  @Field(() => Float, { description: '99 of 100 requests were answered within so many milliseconds.' })
  latencyP99Ms!: number;

  @Field(() => Int, { description: 'Open connections of the tenant’s people.' })
  activeConnections!: number;

  @Field(() => Int, { description: 'People who called just now or hold a connection open.' })
  activeUsers!: number;
}
