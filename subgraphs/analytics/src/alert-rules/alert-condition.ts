import { usageLatencyBoundsMs } from '@tessera/service/metrics';
import type { AlertMeasure, AlertOperator } from './alert-rule-input.js';

/** When a rule's condition holds. */
export interface AlertCondition {
  readonly measure: AlertMeasure;
  readonly operator: AlertOperator;
  readonly threshold: number;
}

export const measuresEvents = (measure: AlertMeasure): boolean =>
  measure === 'EVENT_COUNT' || measure === 'EVENTS_PER_SECOND';

/** @returns what is wrong with a threshold that no value can be beyond, or every value is; undefined where it is fine */
export function thresholdFault({ measure, operator, threshold }: AlertCondition): string | undefined {
  const greatest = greatestOf(measure);
  const canHold =
    operator === 'GREATER_THAN' ? threshold >= 0 && threshold < greatest : threshold > 0 && threshold <= greatest;
  if (canHold) return undefined;
  const range = greatest === Infinity ? '0 or more' : `0 to ${greatest}`;
  return `must leave room for values beyond it: ${measure} is ${range}`;
}

/** Gateways report once a second: in shorter windows the moments between two reports weigh as much as what is reported. */
const minRequestWindowSeconds = 10;

/** @returns what is wrong with a window that is too short for the measure; undefined where it is fine */
export function windowFault(measure: AlertMeasure, windowSeconds: number): string | undefined {
  if (measuresEvents(measure) || windowSeconds >= minRequestWindowSeconds) return undefined;
  return `must be at least ${minRequestWindowSeconds} for ${measure}`;
}

/** No measure is below 0. What is slower than the last bound counts as that bound. */
function greatestOf(measure: AlertMeasure): number {
  if (measure === 'ERROR_RATE') return 1;
  return measure.startsWith('LATENCY') ? Math.max(...usageLatencyBoundsMs) : Infinity;
}
