import { AppError } from '@tessera/service/errors';
import { Kind, parse, print, type DocumentNode, type SelectionSetNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { ParseOperation } from './operation-parser.js';
import { turnAfter } from './pieces.js';
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
export function rememberRefusals(
  planner: HostedPlanner,
  { maxOperations, ttlMs } = defaultMemory,
  parseOperation: ParseOperation = parse,
): HostedPlanner {
  const refusals = new LRUCache<string, AppError>({ max: maxOperations, ttl: ttlMs });
  return {
    ready: () => planner.ready(),
    async plan(operation, operationName, signal, roll) {
      const startedAtMs = performance.now();
      const findShape = (): string => shapeOf(parseOperation(operation), operationName);
      let shape = refusals.size === 0 ? undefined : findShape();
      const known = shape === undefined ? undefined : refusals.get(shape);
      if (known !== undefined) throw known;
      await turnAfter(startedAtMs);
      try {
        return await planner.plan(operation, operationName, signal, roll);
      } catch (error) {
        const isTooComplex = error instanceof AppError && error.code === 'OPERATION_TOO_COMPLEX';
        // A caller that stopped waiting says nothing about the operation.
        if (isTooComplex && error !== signal.reason) refusals.set((shape ??= findShape()), error);
        throw error;
      }
    },
    close: () => planner.close(),
  };
}

/**
 * What planning an operation costs depends on its fields and types alone, not on aliases, arguments and its name. Written
 * by hand: printing a document of some thousand fields would keep everybody waiting.
 */
function shapeOf(document: DocumentNode, operationName: string | undefined): string {
  let shape = '';

  function write({ selections }: SelectionSetNode): void {
    shape += '{';
    for (const selection of selections) {
      shape += selection.kind === Kind.INLINE_FRAGMENT ? `...on ${selection.typeCondition?.name.value}` : ' ';
      if (selection.kind === Kind.FRAGMENT_SPREAD) shape += '...';
      if (selection.kind !== Kind.INLINE_FRAGMENT) shape += selection.name.value;
      for (const directive of selection.directives ?? []) shape += print(directive);
      if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet !== undefined)
        write(selection.selectionSet);
    }
    shape += '}';
  }

  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      shape += `fragment ${definition.name.value} on ${definition.typeCondition.name.value}`;
      write(definition.selectionSet);
    } else if (definition.kind === Kind.OPERATION_DEFINITION) {
      if (operationName !== undefined && definition.name?.value !== operationName) continue;
      shape += definition.operation;
      write(definition.selectionSet);
    }
  }
  return shape;
}
