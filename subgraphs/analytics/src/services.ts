import { newId } from '@tessera/service/database';
import { publishedManifestsChannel } from '@tessera/service/operations';
import type { Platform, SubgraphConfig } from '@tessera/service/subgraph';
import { AlertRuleService } from './alert-rules/alert-rule.service.js';
import { alertChannel, readAlertChanges, readAlertSequences } from './alerts/alert-change.js';
import { AlertFeed } from './alerts/alert-feed.js';
import { AlertStreamService } from './alerts/alert-stream.service.js';
import { AlertService } from './alerts/alert.service.js';
import type { AnalyticsConfig } from './config.js';
import type { AnalyticsContext } from './context.js';
import { AlertEvaluator } from './evaluation/alert-evaluator.js';
import { EvaluatorLease } from './evaluation/evaluator-lease.js';
import { FieldUsageService } from './field-usage/field-usage.service.js';
import { LiveFeed } from './live/live-feed.js';
import { LiveMetricsService } from './live/live-metrics.service.js';
import { readRecentSamples } from './live/recent-samples.js';
import { MetricsService } from './metrics/metrics.service.js';
import { OperationManifestService } from './operations/operation-manifest.service.js';
import { OperationUseService } from './operations/operation-use.service.js';
import { forgetHistory } from './retention/forget-history.js';
import { SharedFeeds } from './streams/shared-feeds.js';
import { UsageHistoryService } from './usage/usage-history.service.js';
import { TrackService } from './tracking/track.service.js';

type AnalyticsPlatform = Platform<SubgraphConfig & AnalyticsConfig>;

export interface AnalyticsServices {
  readonly services: AnalyticsContext['services'];
  /** Starts what runs by itself: the evaluation of rules, the look for announcements that got lost, the job of the night. */
  start(): Promise<void>;
}

/** Puts the services together on one platform. */
export function createServices(platform: AnalyticsPlatform): AnalyticsServices {
  const { config, pubSub, logger, lifecycle, serviceScope, jobs } = platform;

  const announce = (tenantId: string): void => {
    pubSub.publish(alertChannel(tenantId), {}).catch((error: unknown) => {
      logger.warn({ err: error }, 'change of an alert was not announced; it is delivered a little later');
    });
  };
  const liveFeeds = new SharedFeeds(
    (tenantId) =>
      new LiveFeed({ tenantId, pubSub, logger, readRecent: (id) => readRecentSamples(serviceScope(id), id) }),
  );
  lifecycle.defer('live metrics', () => liveFeeds.closeAll());

  const alertFeeds = new SharedFeeds(
    (tenantId) =>
      new AlertFeed({
        tenantId,
        pubSub,
        logger,
        readSequence: async (id) => (await readAlertSequences(serviceScope(id), [id])).get(id) ?? 0,
        readChanges: (id, afterSequence, limit) => readAlertChanges(serviceScope(id), id, afterSequence, limit),
      }),
  );
  const alertStream = new AlertStreamService({
    feeds: alertFeeds,
    logger,
    readSequences: (tenantIds) => readAlertSequences(serviceScope(), tenantIds),
  });
  lifecycle.defer('alert stream', () => alertStream.stop());

  const evaluator = new AlertEvaluator({
    lease: new EvaluatorLease(serviceScope, newId(), config.ALERT_LEASE_MS),
    serviceScope,
    announce,
    logger,
    intervalMs: config.ALERT_EVALUATION_INTERVAL_MS,
  });

  return {
    services: {
      tracking: new TrackService({ pubSub, logger, maxEventAgeDays: config.EVENT_MAX_AGE_DAYS }),
      metrics: new MetricsService(),
      liveMetrics: new LiveMetricsService(liveFeeds),
      alertRules: new AlertRuleService(announce),
      alerts: new AlertService(),
      alertStream,
      operationManifests: new OperationManifestService({
        serviceScope: () => serviceScope(),
        announce: () => pubSub.publish(publishedManifestsChannel, {}),
        logger,
      }),
      operationUses: new OperationUseService(() => serviceScope()),
      fieldUsage: new FieldUsageService(() => serviceScope()),
      usageHistory: new UsageHistoryService(),
    },
    start: async () => {
      alertStream.start();
      lifecycle.defer('alert evaluation', () => evaluator.stop());
      evaluator.start();
      await forgetHistory(jobs, { openScope: () => serviceScope(), keptDays: config.HISTORY_DAYS, logger });
    },
  };
}
