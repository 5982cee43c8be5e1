import { CacheFor, Cost } from '@tessera/service/graphql';
import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import type { AnalyticsContext } from '../context.js';
import { MetricsQueryInput } from './metrics-query.type.js';
import { MetricsResultType } from './metrics.type.js';

@Resolver()
export class MetricsResolver {
  @Cost(10)
  // A dashboard asks every second or so; what it shows need not be fresher.
  @CacheFor(5, 'PRIVATE')
  @Query(() => MetricsResultType, { description: 'Measures the active tenant’s events.' })
  async metrics(
    @Ctx() context: AnalyticsContext,
    @Arg('query', () => MetricsQueryInput) query: MetricsQueryInput,
  ): Promise<MetricsResultType> {
    return context.services.metrics.query(context, query);
  }
}
