import type { Metrics } from '../metrics/index.js';
import { createGate, type Gate, type GateOptions } from './gate.js';

/**
 * Creates a gate whose state is scraped: `overload_refusals_total`, `overload_queue_length`, `overload_in_flight` and
 * `overload_concurrency_limit`.
 */
export function createObservedGate(options: Omit<GateOptions, 'onRefused'>, metrics: Metrics): Gate {
  const refusals = metrics.counter('overload_refusals_total', 'Work that was sent away because of overload');
  const gate = createGate({ ...options, onRefused: () => refusals.inc() });
  metrics.sampledGauge('overload_queue_length', 'Work that waits for its turn', () => gate.waiting);
  metrics.sampledGauge('overload_in_flight', 'Work that is under way', () => gate.inFlight);
  metrics.sampledGauge('overload_concurrency_limit', 'How much may be under way at present', () => gate.limit);
  return gate;
}
