import { countField, millisecondsField, portField, subgraphFields } from '@tessera/service/config';
import { z } from 'zod';

export const analyticsConfigSchema = z.object({
  ...subgraphFields,
  PORT: portField.default(4005),
  /** How old an event may be when it is tracked. */
  EVENT_MAX_AGE_DAYS: countField.default(400),
  /** How often alert rules are evaluated. */
  ALERT_EVALUATION_INTERVAL_MS: millisecondsField.default(1_000),
  /** After this long without a sign of the evaluating instance, another one takes over. */
  ALERT_LEASE_MS: millisecondsField.default(5_000),
});

export type AnalyticsConfig = z.infer<typeof analyticsConfigSchema>;
