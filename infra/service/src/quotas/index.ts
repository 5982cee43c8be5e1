export {
  exhaustedQuotasPath,
  exhaustedQuotasSchema,
  quotaChangesChannel,
  quotaStateSchema,
  type QuotaState,
} from './quota-state.js';
export { monthOf, nextMonth } from './month.js';
export { quotaExceeded, type ExceededQuota, type Meter } from './quota-exceeded.js';
export { reachedShare, quotaWarningEventType, quotaWarningSchema, type QuotaWarning } from './quota-warning.js';
export {
  usageRequestEventType,
  usageSummaryEventType,
  usageSummarySchema,
  type UsageSummary,
} from './usage-summary.js';
export {
  meteredLimitsSchema,
  tenantLimitsEventType,
  tenantLimitsSchema,
  type MeteredLimits,
  type TenantLimits,
} from './tenant-limits.js';
