import type { Principal } from '@tessera/service/identity';

/** An operation as a client sent it. */
export interface BusyOperation {
  readonly source: string;
  /** SHA-256 of the source, hex. */
  readonly hash: string;
  readonly operationName: string | undefined;
  /** Callers of different rights for whom it was planned without something. */
  readonly callers?: readonly Principal[];
}

/** Counts which operations are used most, so that these are planned before traffic reaches a new supergraph. */
export interface BusyOperations {
  record(source: string, hash: string, operationName: string | undefined): void;
  /** Remembers somebody for whom an operation that was recorded is planned without something. */
  recordCaller(hash: string, operationName: string | undefined, caller: Principal): void;
  /** The busiest first. */
  busiest(count: number): readonly BusyOperation[];
}

interface Counted extends BusyOperation {
  uses: number;
  /** By what they may. */
  readonly callersByRights: Map<string, Principal>;
}

/** Kinds of callers that one operation is planned for; those that were seen last. */
const maxCallers = 8;

/** Creates an empty count of at most `maxOperations`; where there are more, the half that is used less is forgotten. */
export function createBusyOperations(maxOperations = 2_000): BusyOperations {
  const operations = new Map<string, Counted>();
  const inOrder = (): Counted[] => [...operations.values()].sort((left, right) => right.uses - left.uses);

  function forgetHalf(): void {
    const kept = inOrder().slice(0, maxOperations / 2);
    operations.clear();
    for (const operation of kept) {
      // What was busy once does not stay so for ever.
      operation.uses /= 2;
      operations.set(keyOf(operation), operation);
    }
  }

  return {
    record(source, hash, operationName) {
      const known = operations.get(keyOf({ hash, operationName }));
      if (known !== undefined) {
        known.uses += 1;
        return;
      }
      if (operations.size >= maxOperations) forgetHalf();
      operations.set(keyOf({ hash, operationName }), {
        source,
        hash,
        operationName,
        uses: 1,
        callersByRights: new Map(),
      });
    },
    recordCaller(hash, operationName, caller) {
      const callers = operations.get(keyOf({ hash, operationName }))?.callersByRights;
      if (callers === undefined) return;
      const rights = JSON.stringify([caller.kind, caller.roles, caller.scopes]);
      callers.delete(rights);
      callers.set(rights, caller);
      const [oldest] = callers.keys();
      if (callers.size > maxCallers && oldest !== undefined) callers.delete(oldest);
    },
    busiest: (count) =>
      inOrder()
        .slice(0, count)
        .map(({ callersByRights, ...operation }) => ({ ...operation, callers: [...callersByRights.values()] })),
  };
}

function keyOf({ hash, operationName }: Pick<BusyOperation, 'hash' | 'operationName'>): string {
  return operationName === undefined ? hash : `${hash} ${operationName}`;
}
