import type { Lifecycle } from '@tessera/service/lifecycle';
import type { Metrics } from '@tessera/service/metrics';
import { createObservedGate, type Gate } from '@tessera/service/overload';
import type { GatewayConfig } from '../config.js';

export interface OpenGateOptions {
  readonly config: GatewayConfig;
  readonly lifecycle: Lifecycle;
}

/** @returns undefined where as many operations may run as come */
export function openGate({ config, lifecycle }: OpenGateOptions, metrics: Metrics): Gate | undefined {
  const { MAX_CONCURRENT_OPERATIONS: maxConcurrent, MAX_QUEUE_MS: maxQueueMs } = config;
  return maxConcurrent === 0 ? undefined : createObservedGate({ maxConcurrent, maxQueueMs, lifecycle }, metrics);
}
