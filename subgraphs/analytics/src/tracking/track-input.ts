import { newId } from '@tessera/service/database';
import type { JsonObject } from '@tessera/service/json';
import { z } from 'zod';

export const maxBatchEvents = 1_000;
export const maxPropertiesBytes = 8_192;

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

/**
 * What one call of `track` may bring, seen at a point in time. Clocks of devices are wrong: where a call says when it was sent by
 * the clock that its events have their times from, they are moved by how far that clock is from ours. What lies in the future
 * all the same happens now.
 */
export function trackSchema(now: Date, maxAgeDays: number): z.ZodType<readonly TrackedEvent[]> {
  const earliestMs = now.getTime() - maxAgeDays * dayMs;
  const event = z.object({
    name: eventNameSchema,
    properties: propertiesSchema.nullish(),
    occurredAt: z.date().nullish(),
    messageId: messageIdSchema.nullish(),
  });
  return z
    .object({
      sentAt: z.date().nullish(),
      events: z.array(event).min(1).max(maxBatchEvents, `must not be more than ${maxBatchEvents} events`),
    })
    .transform(({ sentAt, events }, issues) => {
      const behindMs = now.getTime() - (sentAt ?? now).getTime();
      return events.map(({ name, properties, occurredAt, messageId }, index): TrackedEvent => {
        const occurredMs = Math.min((occurredAt?.getTime() ?? Infinity) + behindMs, now.getTime());
        if (occurredMs < earliestMs) {
          const path = ['events', index, 'occurredAt'];
          issues.addIssue({ code: 'custom', path, message: `must not be more than ${maxAgeDays} days ago` });
          return z.NEVER;
        }
        const id = newId();
        const occurred = new Date(occurredMs).toISOString();
        return { id, messageId: messageId ?? id, name, properties: properties ?? {}, occurredAt: occurred };
      });
    });
}
