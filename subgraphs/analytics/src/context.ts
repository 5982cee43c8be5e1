import type { SubgraphContext } from '@tessera/service/subgraph';
import type { createMemberActivityLoader } from './activity/member-days.js';
import type { createAlertRuleLoader } from './alert-rules/alert-rule.loader.js';
import type { AlertRuleService } from './alert-rules/alert-rule.service.js';
import type { AlertStreamService } from './alerts/alert-stream.service.js';
import type { createAlertLoader } from './alerts/alert.loader.js';
import type { AlertService } from './alerts/alert.service.js';
import type { FieldUsageService } from './field-usage/field-usage.service.js';
import type { LiveMetricsService } from './live/live-metrics.service.js';
import type { MetricsService } from './metrics/metrics.service.js';
import type { createManifestOperationsLoader } from './operations/operation-manifest.loader.js';
import type { OperationManifestService } from './operations/operation-manifest.service.js';
import type { OperationUseService } from './operations/operation-use.service.js';
import type { TrackService } from './tracking/track.service.js';
import type { UsageHistoryService } from './usage/usage-history.service.js';
import type { createTenantUsageLoader } from './usage/tenant-usage.loader.js';

export interface AnalyticsContext extends SubgraphContext {
  readonly services: {
    readonly tracking: TrackService;
    readonly metrics: MetricsService;
    readonly liveMetrics: LiveMetricsService;
    readonly alertRules: AlertRuleService;
    readonly alerts: AlertService;
    readonly alertStream: AlertStreamService;
    readonly operationManifests: OperationManifestService;
    readonly operationUses: OperationUseService;
    readonly fieldUsage: FieldUsageService;
    readonly usageHistory: UsageHistoryService;
  };
  readonly loaders: {
    readonly activityByUser: ReturnType<typeof createMemberActivityLoader>;
    readonly usageByTenant: ReturnType<typeof createTenantUsageLoader>;
    readonly alertRuleById: ReturnType<typeof createAlertRuleLoader>;
    readonly alertById: ReturnType<typeof createAlertLoader>;
    readonly operationsByManifest: ReturnType<typeof createManifestOperationsLoader>;
  };
}
