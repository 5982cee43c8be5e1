import { z } from 'zod';
import { eventNameSchema } from '../tracking/track-input.js';
import { measuresEvents, thresholdFault, windowFault, type AlertCondition } from './alert-condition.js';

export const alertMeasures = [
  'EVENT_COUNT',
  'EVENTS_PER_SECOND',
  'REQUESTS_PER_SECOND',
  'ERROR_RATE',
  'LATENCY_P50_MS',
  'LATENCY_P95_MS',
  'LATENCY_P99_MS',
] as const;
export type AlertMeasure = (typeof alertMeasures)[number];

export const alertOperators = ['GREATER_THAN', 'LESS_THAN'] as const;
export type AlertOperator = (typeof alertOperators)[number];

export const maxWindowSeconds = 3_600;
const maxForSeconds = 24 * 60 * 60;

const nameSchema = z.string().trim().min(1, 'must not be empty').max(200);
const thresholdSchema = z.number().refine(Number.isFinite, 'must be finite');
const windowSecondsSchema = z.number().int().min(1).max(maxWindowSeconds);
const forSecondsSchema = z.number().int().min(0).max(maxForSeconds);

const conditionFields = {
  measure: z.enum(alertMeasures),
  operator: z.enum(alertOperators),
  threshold: thresholdSchema,
};

function checkThreshold(condition: AlertCondition, issues: z.RefinementCtx): void {
  const message = thresholdFault(condition);
  if (message !== undefined) issues.addIssue({ code: 'custom', path: ['threshold'], message });
}

interface MeasuredWindow {
  readonly measure: AlertMeasure;
  readonly windowSeconds: number;
}

function checkWindow({ measure, windowSeconds }: MeasuredWindow, issues: z.RefinementCtx): void {
  const message = windowFault(measure, windowSeconds);
  if (message !== undefined) issues.addIssue({ code: 'custom', path: ['windowSeconds'], message });
}

/** What a rule's window must be after a change of it. */
export const alertWindowSchema = z
  .object({ measure: conditionFields.measure, windowSeconds: windowSecondsSchema })
  .superRefine(checkWindow);

/** What a rule's condition must be after a change of it. */
export const alertConditionSchema = z.object(conditionFields).superRefine(checkThreshold);

export const createAlertRuleSchema = z
  .object({
    ...conditionFields,
    name: nameSchema,
    eventName: eventNameSchema.nullish(),
    windowSeconds: windowSecondsSchema,
    forSeconds: forSecondsSchema,
  })
  .refine(({ measure, eventName }) => eventName === null || eventName === undefined || measuresEvents(measure), {
    path: ['eventName'],
    error: 'must be absent: this measure does not look at events',
  })
  .superRefine(checkThreshold)
  .superRefine(checkWindow);

/** What is absent stays. The measure is what a rule is about, so it cannot be changed. */
export const updateAlertRuleSchema = z.object({
  id: z.string(),
  name: nameSchema.nullish(),
  operator: z.enum(alertOperators).nullish(),
  threshold: thresholdSchema.nullish(),
  windowSeconds: windowSecondsSchema.nullish(),
  forSeconds: forSecondsSchema.nullish(),
  enabled: z.boolean().nullish(),
});
