import type { Lifecycle } from '@tessera/service/lifecycle';
import type { Logger } from '@tessera/service/logging';
import type { GatewayConfig } from './config.js';
import type { GatewayAdapters } from './gateway-adapters.js';
import { startFieldUsage, type FieldUsage } from './telemetry/field-usage/field-usage.js';

interface FieldUsageGround {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly adapters: GatewayAdapters;
}

/** Starts to count which clients use which fields; undefined where nobody wants to know. */
export function openFieldUsage({ config, logger, lifecycle, adapters }: FieldUsageGround): FieldUsage | undefined {
  // A gateway that authenticates nobody stands before a foreign supergraph, and has no analytics behind it.
  const isWanted = config.FIELD_USAGE ?? config.JWKS_URL !== undefined;
  if (!isWanted) return undefined;
  const { eventBus } = adapters;
  const fieldUsage = startFieldUsage({ eventBus, logger, intervalMs: config.FIELD_USAGE_INTERVAL_MS });
  lifecycle.defer('field usage', () => fieldUsage.close());
  return fieldUsage;
}
