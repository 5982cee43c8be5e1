/** One entry of the event stream: its position, and the event's text when it is still there. */
export interface StreamEntry {
  readonly id: string;
  readonly text: string | undefined;
}

/** One entry that was delivered to a consumer and not acknowledged. */
export interface PendingEntry {
  readonly id: string;
  readonly idleMs: number;
  /** How often it was delivered so far. */
  readonly deliveries: number;
}

/** The one field of an entry. */
export const eventField = 'event';

/** Reads the reply of XREADGROUP for one stream; null means that nothing came within the time. */
export function readStreamReply(reply: unknown): readonly StreamEntry[] {
  const [stream] = asArray(reply);
  const [, entries] = asArray(stream);
  return readEntries(entries);
}

/** Reads a list of entries, as XCLAIM answers. Entries that were trimmed meanwhile are null there. */
export function readEntries(reply: unknown): readonly StreamEntry[] {
  return asArray(reply)
    .filter((entry) => entry !== null)
    .map((entry) => {
      const [id, fields] = asArray(entry);
      const values = asArray(fields);
      const position = values.indexOf(eventField);
      const text = position < 0 ? undefined : values[position + 1];
      return { id: String(id), text: typeof text === 'string' ? text : undefined };
    });
}

/** Reads the long form of XPENDING. */
export function readPending(reply: unknown): readonly PendingEntry[] {
  return asArray(reply).map((entry) => {
    const [id, , idleMs, deliveries] = asArray(entry);
    return { id: String(id), idleMs: Number(idleMs), deliveries: Number(deliveries) };
  });
}

/** Reads a list of maps, as XINFO answers: each a flat list of names and values. */
export function readMaps(reply: unknown): readonly ReadonlyMap<string, unknown>[] {
  return asArray(reply).map((flat) => {
    const values = asArray(flat);
    return new Map(values.flatMap((value, index) => (index % 2 === 0 ? [[String(value), values[index + 1]]] : [])));
  });
}

/** Which of two positions in a stream comes first: negative, zero or positive as for sorting. */
export function compareStreamIds(one: string, other: string): number {
  const [oneMs = 0, oneNumber = 0] = one.split('-').map(Number);
  const [otherMs = 0, otherNumber = 0] = other.split('-').map(Number);
  return oneMs - otherMs || oneNumber - otherNumber;
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}
