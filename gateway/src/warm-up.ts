import { prepareIfAllowed, type AuthorizedEngine } from './authorized-engine.js';
import type { DocumentRoom } from './document-room.js';
import type { PreparedOperation } from './execution/prepared-operation.js';
import { selectOperation } from './operations/select-operation.js';
import type { BusyOperation } from './planning/busy-operations.js';
import type { Pause } from './planning/rests.js';

/**
 * Makes an operation ready to run.
 *
 * @param pause between the parts of this, so that nobody waits long for one of them
 * @throws AppError or OperationRefusal where the supergraph does not know what it asks for
 */
export type WarmUp = (operation: BusyOperation, pause: Pause) => Promise<void>;

export interface WarmUpOptions {
  readonly documents: DocumentRoom;
  readonly engine: AuthorizedEngine;
  /** What is ready is noted here. */
  readonly planned: WeakSet<PreparedOperation>;
  /** Whether the text with this hash is known to be valid over the supergraph. */
  readonly isValid: (hash: string) => boolean;
}

/** Creates the making ready of operations on one supergraph. */
export function createWarmUp({ documents, engine, planned, isValid }: WarmUpOptions): WarmUp {
  const { store, inspector } = documents;
  return async ({ source, hash, operationName, callers = [] }, pause) => {
    const isKnown = isValid(hash);
    if (!isKnown) await inspector.inspect(source, hash);
    const stored = isKnown ? store.add(source, hash, true) : store.add(source, hash);
    await pause();
    const { document } = stored;
    const operation = selectOperation(stored, operationName);
    const anonymous = await engine.prepare(document, source, operation.name?.value);
    await pause();
    await anonymous.warm();
    planned.add(anonymous);
    for (const principal of callers) {
      await pause();
      const prepared = await prepareIfAllowed(engine, { document, source, operation }, principal);
      await prepared?.warm();
      if (prepared !== undefined) planned.add(prepared);
    }
  };
}
