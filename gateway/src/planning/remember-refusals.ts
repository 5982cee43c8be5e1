import { AppError } from '@tessera/service/errors';
import { parse, print, visit } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { HostedPlanner } from './planner.js';

export interface RefusalMemory {
  readonly maxOperations: number;
  readonly ttlMs: number;
}

const defaultMemory: RefusalMemory = { maxOperations: 1_000, ttlMs: 60_000 };

/**
 * Remembers which operations took more than they may to plan, so that one that is sent again and again costs once a
 * minute, under whatever names. Only of these: what fails for another reason may go well the next time.
 */
export function rememberRefusals(planner: HostedPlanner, { maxOperations, ttlMs } = defaultMemory): HostedPlanner {
  const refusals = new LRUCache<string, AppError>({ max: maxOperations, ttl: ttlMs });
  return {
    ready: () => planner.ready(),
    async plan(operation, operationName, signal) {
      const known = refusals.size === 0 ? undefined : refusals.get(shapeOf(operation, operationName));
      if (known !== undefined) throw known;
      try {
        return await planner.plan(operation, operationName, signal);
      } catch (error) {
        const isTooComplex = error instanceof AppError && error.code === 'OPERATION_TOO_COMPLEX';
        // A caller that stopped waiting says nothing about the operation.
        if (isTooComplex && error !== signal.reason) refusals.set(shapeOf(operation, operationName), error);
        throw error;
      }
    },
    close: () => planner.close(),
  };
}

/** What planning an operation costs depends on its fields and types alone, not on aliases, arguments and its name. */
function shapeOf(operation: string, operationName: string | undefined): string {
  const shape = visit(parse(operation, { noLocation: true }), {
    OperationDefinition: (node) =>
      operationName === undefined || node.name?.value === operationName
        ? { kind: node.kind, operation: node.operation, selectionSet: node.selectionSet }
        : null,
    Field: (node) => ({ ...node, alias: undefined, arguments: [] }),
  });
  return print(shape);
}
