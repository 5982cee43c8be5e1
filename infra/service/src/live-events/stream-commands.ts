import type { RedisClient } from '../redis/index.js';
import type { StreamEvent } from './follower.js';
import { beginningId } from './stream-id.js';

const batchSize = 100;
/** The one field of an entry. */
export const payloadField = 'event';

/** Where a stream is. */
export interface StreamPlace {
  /** The last event that was written to it. */
  readonly lastId: string;
  /** Who has seen nothing from here on has missed what was taken out of it. */
  readonly goneId: string;
}

/** Asks a stream where it is; one that there is not (any more) is at the beginning. */
export async function describeStream(redis: RedisClient, key: string): Promise<StreamPlace> {
  try {
    const values = asList(await redis.xinfo('STREAM', key));
    const valueOf = (name: string): unknown => {
      const position = values.indexOf(name);
      return position < 0 ? undefined : values[position + 1];
    };
    const lastId = String(valueOf('last-generated-id'));
    const isWhole = Number(valueOf('entries-added')) === Number(valueOf('length'));
    const [firstId] = asList(valueOf('first-entry'));
    return { lastId, goneId: isWhole ? beginningId : typeof firstId === 'string' ? firstId : lastId };
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such key')) {
      return { lastId: beginningId, goneId: beginningId };
    }
    throw error;
  }
}

/** The next events behind one. */
export async function readAfter(redis: RedisClient, key: string, id: string): Promise<readonly StreamEvent[]> {
  return readEntries(await redis.xrange(key, `(${id}`, '+', 'COUNT', batchSize));
}

/** Waits for events of any of some streams. */
export async function readNew(
  redis: RedisClient,
  heads: readonly (readonly [key: string, id: string])[],
  blockMs: number,
): Promise<readonly (readonly [key: string, events: readonly StreamEvent[]])[]> {
  const keys = heads.map(([key]) => key);
  const ids = heads.map(([, id]) => id);
  const reply = await redis.xread('COUNT', batchSize, 'BLOCK', blockMs, 'STREAMS', ...keys, ...ids);
  return asList(reply).map((stream) => {
    const [key, entries] = asList(stream);
    return [String(key), readEntries(entries)] as const;
  });
}

function readEntries(reply: unknown): readonly StreamEvent[] {
  return asList(reply).map((entry) => {
    const [id, fields] = asList(entry);
    const values = asList(fields);
    const text = values[values.indexOf(payloadField) + 1];
    return { id: String(id), text: typeof text === 'string' ? text : '' };
  });
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}
