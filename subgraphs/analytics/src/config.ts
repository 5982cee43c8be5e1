import { countField, millisecondsField, portField, subgraphFields } from '@tessera/service/config';
import { z } from 'zod';

const positiveCountField = z.coerce.number().int().positive();

export const analyticsConfigSchema = z.object({
  ...subgraphFields,
  PORT: portField.default(4005),
  /** How old an event may be when it is tracked. */
  EVENT_MAX_AGE_DAYS: countField.default(400),
  /** How long tracked events, ended alerts and who was active are kept. */
  HISTORY_DAYS: positiveCountField.default(400),
  /** How long it is kept which clients used which fields. */
  FIELD_USAGE_DAYS: positiveCountField.default(90),
  /** Operations of which it is known what they need; more of them are one. */
  FIELD_USAGE_MAX_OPERATIONS: positiveCountField.default(50_000),
  /** Clients, versions and operations of one day; more are counted without the names of clients. */
  FIELD_USAGE_MAX_DAILY_ROWS: positiveCountField.default(50_000),
  /** How often alert rules are evaluated. */
  ALERT_EVALUATION_INTERVAL_MS: millisecondsField.default(1_000),
  /** After this long without a sign of the evaluating instance, another one takes over. */
  ALERT_LEASE_MS: millisecondsField.default(5_000),
});

export type AnalyticsConfig = z.infer<typeof analyticsConfigSchema>;
