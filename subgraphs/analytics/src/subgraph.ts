import 'reflect-metadata';
import { requirePermission } from '@tessera/service/identity';
import { defineSubgraph } from '@tessera/service/subgraph';
import { MemberActivityResolver } from './activity/member-activity.resolver.js';
import { createMemberActivityLoader } from './activity/member-days.js';
import { AlertRuleEntity } from './alert-rules/alert-rule.entity.js';
import { createAlertRuleLoader } from './alert-rules/alert-rule.loader.js';
import { AlertRuleResolver } from './alert-rules/alert-rule.resolver.js';
import { toAlertRuleType } from './alert-rules/alert-rule.type.js';
import { AlertEntity } from './alerts/alert.entity.js';
import { createAlertLoader } from './alerts/alert.loader.js';
import { AlertResolver } from './alerts/alert.resolver.js';
import { toAlertType } from './alerts/alert.type.js';
import { analyticsData } from './personal-data.js';
import { createServices } from './services.js';
import { analyticsConfigSchema } from './config.js';
import type { AnalyticsContext } from './context.js';
import { joinHandlers } from './events/join-handlers.js';
import { createFieldUsesHandler } from './events/fields-used.js';
import { createOperationUsesHandler } from './events/operations-used.js';
import { createUsageHandler } from './events/usage-reported.js';
import { FieldUsageResolver } from './field-usage/field-usage.resolver.js';
import { LiveMetricsResolver } from './live/live-metrics.resolver.js';
import { MetricsResolver } from './metrics/metrics.resolver.js';
import { Migration0001Analytics } from './migrations/0001-analytics.js';
import { Migration0002Operations } from './migrations/0002-operations.js';
import { Migration0003FieldUsage } from './migrations/0003-field-usage.js';
import { Migration0004TenantQuotas } from './migrations/0004-tenant-quotas.js';
import { Migration0005Subjects } from './migrations/0005-subjects.js';
import { Migration0006UsageSummaries } from './migrations/0006-usage-summaries.js';
import { Migration0007Retention } from './migrations/0007-retention.js';
import { Migration0008RecentWrites } from './migrations/0008-recent-writes.js';
import { Migration0009MemberDays } from './migrations/0009-member-days.js';
import { Migration0010MemberCalls } from './migrations/0010-member-calls.js';
import { OperationManifestEntity } from './operations/operation-manifest.entity.js';
import { createManifestOperationsLoader } from './operations/operation-manifest.loader.js';
import { OperationManifestResolver } from './operations/operation-manifest.resolver.js';
import { toOperationManifestType } from './operations/operation-manifest.type.js';
import { addOperationManifestsRoute } from './operations/operation-manifests-route.js';
import { OperationUseResolver } from './operations/operation-use.resolver.js';
import { addExhaustedQuotasRoute } from './quotas/exhausted-quotas-route.js';
import { createQuotaAnnouncer } from './quotas/quota-announcer.js';
import { createLimitsHandler } from './quotas/tenant-limits.js';
import { toTenantType } from './references/tenant.type.js';
import { toUserType } from './references/user.type.js';
import { TrackResolver } from './tracking/track.resolver.js';
import { createTenantUsageLoader } from './usage/tenant-usage.loader.js';
import { createUsageSummaryHandler } from './usage/usage-summary.js';
import { TenantUsageResolver } from './usage/tenant-usage.resolver.js';

export const analyticsSubgraph = defineSubgraph({
  name: 'analytics',
  personalData: analyticsData,
  configSchema: analyticsConfigSchema,
  entities: [AlertRuleEntity, AlertEntity, OperationManifestEntity],
  migrations: [
    { name: '0001-analytics', class: Migration0001Analytics },
    { name: '0002-operations', class: Migration0002Operations },
    { name: '0003-field-usage', class: Migration0003FieldUsage },
    { name: '0004-tenant-quotas', class: Migration0004TenantQuotas },
    { name: '0005-subjects', class: Migration0005Subjects },
    { name: '0006-usage-summaries', class: Migration0006UsageSummaries },
    { name: '0007-retention', class: Migration0007Retention },
    { name: '0008-recent-writes', class: Migration0008RecentWrites },
    { name: '0009-member-days', class: Migration0009MemberDays },
    { name: '0010-member-calls', class: Migration0010MemberCalls },
  ],
  resolvers: [
    TrackResolver,
    MetricsResolver,
    LiveMetricsResolver,
    AlertRuleResolver,
    AlertResolver,
    TenantUsageResolver,
    MemberActivityResolver,
    OperationManifestResolver,
    OperationUseResolver,
    FieldUsageResolver,
  ],
  references: {
    Tenant: async ({ id }) => toTenantType(String(id)),
    User: async ({ id }) => toUserType(String(id)),
    AlertRule: async ({ id }, { principal, loaders }: AnalyticsContext) => {
      requirePermission(principal, 'alerts:read');
      const rule = await loaders.alertRuleById.load(String(id));
      return rule === null ? null : toAlertRuleType(rule);
    },
    Alert: async ({ id }, { principal, loaders }: AnalyticsContext) => {
      requirePermission(principal, 'alerts:read');
      const alert = await loaders.alertById.load(String(id));
      return alert === null ? null : toAlertType(alert);
    },
    OperationManifest: async ({ id }, context: AnalyticsContext) =>
      toOperationManifestType(await context.services.operationManifests.find(context, String(id))),
  },
  assemble: (platform) => {
    const { services, start } = createServices(platform);
    const { pubSub, logger, serviceScope, config } = platform;
    const announceQuota = createQuotaAnnouncer(pubSub, logger);
    return {
      createContext: (base) => ({
        ...base,
        services,
        loaders: {
          activityByUser: createMemberActivityLoader(base.scope, base.principal.tenantId),
          usageByTenant: createTenantUsageLoader(base.scope),
          alertRuleById: createAlertRuleLoader(base.scope),
          alertById: createAlertLoader(base.scope),
          operationsByManifest: createManifestOperationsLoader(() => platform.serviceScope()),
        },
      }),
      events: joinHandlers(
        createUsageHandler({ pubSub, logger, announceQuota }),
        createLimitsHandler(announceQuota, logger),
        createUsageSummaryHandler(),
        createOperationUsesHandler(platform),
        createFieldUsesHandler(platform),
      ),
      addRoutes: (server) => {
        addOperationManifestsRoute(server, services.operationManifests, config.PRINCIPAL_SECRET);
        addExhaustedQuotasRoute(server, () => serviceScope(), config.PRINCIPAL_SECRET);
      },
      start,
    };
  },
});
