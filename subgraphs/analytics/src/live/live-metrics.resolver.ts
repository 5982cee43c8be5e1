import { Delivery } from '@tessera/service/graphql';
import { Arg, Int, Resolver, Root, Subscription, type SubscribeResolverData } from 'type-graphql';
import type { AnalyticsContext } from '../context.js';
import type { LiveMetrics } from './live-metrics.service.js';
import { LiveMetricsType } from './live-metrics.type.js';

type LiveMetricsRequest = SubscribeResolverData<unknown, { intervalMs: number }, AnalyticsContext>;

@Resolver()
export class LiveMetricsResolver {
  @Delivery({ sharedBy: 'tenant', whenBehind: 'latest' })
  @Subscription(() => LiveMetricsType, {
    description: 'Numbers of the active tenant: at once, then every interval.',
    subscribe: ({ args, context }: LiveMetricsRequest) =>
      context.services.liveMetrics.watch(context.principal, args.intervalMs),
  })
  liveMetrics(
    @Root() numbers: LiveMetrics,
    @Arg('intervalMs', () => Int, { defaultValue: 1_000, description: 'Milliseconds between numbers, 250 to 60,000.' })
    _intervalMs: number,
  ): LiveMetricsType {
    return numbers;
  }
}
