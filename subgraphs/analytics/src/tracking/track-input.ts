import { newId } from '@tessera/service/database';
import type { JsonObject } from '@tessera/service/json';
import { z } from 'zod';

export const maxBatchEvents = 1_000;
export const maxPropertiesBytes = 8_192;

/** Clocks of devices run ahead; an event of next week is a mistake. */
const maxAheadMs = 10 * 60 * 1_000;
const dayMs = 24 * 60 * 60 * 1_000;

/** One event as it is stored; plain JSON. */
export interface TrackedEvent {
  readonly id: string;
  readonly messageId: string;
  readonly name: string;
  readonly properties: JsonObject;
  /** ISO 8601, UTC. */
  readonly occurredAt: string;
}

/** `JSON.stringify` escapes NUL and lone surrogates and nothing else so; PostgreSQL stores neither. */
const unstorableEscape = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

const propertiesSchema = z
  .custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
    error: 'must be a JSON object',
  })
  .superRefine((properties, issues) => {
    const text = JSON.stringify(properties);
    if (Buffer.byteLength(text) > maxPropertiesBytes) {
      issues.addIssue({ code: 'custom', message: `must not be longer than ${maxPropertiesBytes} bytes of JSON` });
    }
    if (unstorableEscape.test(text)) {
      issues.addIssue({ code: 'custom', message: 'must not contain NUL characters or broken surrogate pairs' });
    }
  });

/** Printable text: no control characters, no broken surrogate pairs, nothing unassigned. */
const printable = /^\P{C}+$/u;

export const eventNameSchema = z
  .string()
  .max(200)
  .regex(printable, 'must be printable text')
  .refine((name) => name.trim() === name, 'must not begin or end with a space');

const messageIdSchema = z.string().max(200).regex(printable, 'must be printable text');

/** What one call of `track` may bring, seen at a point in time. */
export function trackSchema(now: Date, maxAgeDays: number): z.ZodType<readonly TrackedEvent[]> {
  const latest = new Date(now.getTime() + maxAheadMs);
  const earliest = new Date(now.getTime() - maxAgeDays * dayMs);
  const event = z
    .object({
      name: eventNameSchema,
      properties: propertiesSchema.nullish(),
      occurredAt: z
        .date()
        .max(latest, 'must not lie in the future')
        .min(earliest, `must not be more than ${maxAgeDays} days ago`)
        .nullish(),
      messageId: messageIdSchema.nullish(),
    })
    .transform(({ name, properties, occurredAt, messageId }): TrackedEvent => {
      const id = newId();
      return {
        id,
        messageId: messageId ?? id,
        name,
        properties: properties ?? {},
        occurredAt: (occurredAt ?? now).toISOString(),
      };
    });
  return z
    .object({ events: z.array(event).min(1).max(maxBatchEvents, `must not be more than ${maxBatchEvents} events`) })
    .transform(({ events }) => events);
}
