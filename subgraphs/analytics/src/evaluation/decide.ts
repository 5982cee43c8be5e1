import type { AlertOperator } from '../alert-rules/alert-rule-input.js';
import type { AlertTransition } from '../alerts/alert-transitions.js';

/** A rule as the evaluator sees it in one moment. */
export interface RuleObservation {
  readonly ruleId: string;
  readonly tenantId: string;
  readonly revision: number;
  readonly operator: AlertOperator;
  readonly threshold: number;
  readonly forSeconds: number;
  /** The measure over the rule's window; null where there is nothing to measure. */
  readonly value: number | null;
  /** Where there is an alert but nothing to measure: whether there was in the window before. */
  readonly hadValue: boolean;
  /** The rule's alert that is not resolved. */
  readonly open: { readonly alertId: string; readonly isFiring: boolean; readonly ageSeconds: number } | undefined;
}

/**
 * The state machine of alerts, as Prometheus has it: a condition that holds makes a pending alert, one that has held for
 * the rule's duration a firing one, and one that no longer holds ends it. Unlike there, a pending alert does not vanish
 * but is resolved, so that who saw it begin sees it end. Nothing to measure means that the condition does not hold, but an alert
 * waits for another window before that ends it: between two reports there may be a moment without any.
 */
export function decide(observation: RuleObservation): AlertTransition | undefined {
  const { ruleId, revision, forSeconds, value, hadValue, open } = observation;
  if (value === null && hadValue) return undefined;
  if (value === null || !isBeyond(value, observation)) {
    return open === undefined ? undefined : { kind: 'resolve', alertId: open.alertId, value };
  }
  if (open === undefined) return { kind: 'open', ruleId, revision, value, fires: forSeconds === 0 };
  if (open.isFiring || open.ageSeconds < forSeconds) return undefined;
  return { kind: 'fire', alertId: open.alertId, value };
}

function isBeyond(value: number, { operator, threshold }: RuleObservation): boolean {
  return operator === 'GREATER_THAN' ? value > threshold : value < threshold;
}
