import { setTimeout as pause } from 'node:timers/promises';

/** Doubling pauses; all together about 1.3 s, several times what an event takes from one subgraph to the other. */
const pausesMs: readonly number[] = [20, 40, 80, 160, 320, 640];

/**
 * Finds rows that come into being by events, and asks again for a moment for those that are missing.
 *
 * A person who has just signed up or joined a tenant is known to auth or tenant at once, but here only when the event
 * has arrived. A client that signs up and asks for its display name in the next request would be told that it does not
 * exist. Waiting briefly here is cheaper than making sign-up wait for all its consumers.
 *
 * @param find reads rows by ids in a transaction of its own: none stays open, and no connection is held, while waiting
 */
export async function findAwaitingArrival<Row extends { readonly id: string }>(
  ids: readonly string[],
  find: (ids: readonly string[]) => Promise<readonly Row[]>,
): Promise<ReadonlyMap<string, Row>> {
  const found = new Map<string, Row>();
  const findMissing = async (): Promise<boolean> => {
    const missing = ids.filter((id) => !found.has(id));
    for (const row of await find(missing)) found.set(row.id, row);
    return found.size < new Set(ids).size;
  };
  let isIncomplete = await findMissing();
  for (const pauseMs of pausesMs) {
    if (!isIncomplete) break;
    await pause(pauseMs);
    isIncomplete = await findMissing();
  }
  return found;
}
