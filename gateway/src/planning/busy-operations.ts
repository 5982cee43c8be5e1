/** An operation as a client sent it. */
export interface BusyOperation {
  readonly source: string;
  /** SHA-256 of the source, hex. */
  readonly hash: string;
  readonly operationName: string | undefined;
}

/** Counts which operations are used most, so that these are planned before traffic reaches a new supergraph. */
export interface BusyOperations {
  record(source: string, hash: string, operationName: string | undefined): void;
  /** The busiest first. */
  busiest(count: number): readonly BusyOperation[];
}

interface Counted extends BusyOperation {
  uses: number;
}

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
      operations.set(keyOf({ hash, operationName }), { source, hash, operationName, uses: 1 });
    },
    busiest: (count) => inOrder().slice(0, count),
  };
}

function keyOf({ hash, operationName }: Pick<BusyOperation, 'hash' | 'operationName'>): string {
  return operationName === undefined ? hash : `${hash} ${operationName}`;
}
