import { AppError } from '@tessera/service/errors';
import type { Logger } from '@tessera/service/logging';
import { getOperationAST, type DocumentNode, type OperationDefinitionNode } from 'graphql';
import type { Withheld } from '../guards/authorization/withheld.js';
import { assertExpansionWithin } from '../planning/expansion-limit.js';
import { planOperation, type OperationPlan } from '../planning/plan-operation.js';
import { toPlannerDocument } from '../planning/planner-document.js';
import type { Planner } from '../planning/planner.js';
import { createResultKeys } from '../planning/result-keys.js';
import type { Supergraph } from '../planning/supergraph.js';
import type { PrepareAnswer } from './answer.js';
import { compilePlan, compileStream } from './compile-plan.js';
import { withDeadline } from './deadline.js';
import type { EntityMemory } from './entity-memory.js';
import type { PreparedOperation } from './prepared-operation.js';
import type { SubgraphClient } from './subgraph-client.js';
import { withholdFields } from './withhold-fields.js';

export interface PrepareOptions {
  readonly supergraph: Supergraph;
  readonly planner: Planner;
  readonly subgraphClient: SubgraphClient;
  readonly prepareAnswer: PrepareAnswer;
  readonly logger: Logger;
  readonly planTimeoutMs: number;
  readonly maxExpandedSelections: number;
  readonly entityMemory?: EntityMemory | undefined;
}

const nothingToPlan: OperationPlan = { node: undefined, renamedVariables: new Map() };

/**
 * Plans and compiles one operation of a valid document.
 *
 * @param withheld selections of this document that are not fetched, and answered as null with a reason
 * @throws AppError `OPERATION_TOO_COMPLEX` for what expands or plans too big, `INTERNAL_SERVER_ERROR` for what the
 *   planner cannot plan, `BAD_USER_INPUT` where the document does not tell which operation is meant
 */
export async function prepareOperation(
  document: DocumentNode,
  operationName: string | undefined,
  options: PrepareOptions,
  withheld?: Withheld,
): Promise<PreparedOperation> {
  const { supergraph, planner, subgraphClient: client, logger } = options;
  const operation = findOperation(document, operationName);
  assertExpansionWithin(document, operation, options.maxExpandedSelections);
  const keys = createResultKeys(supergraph.facts);
  const whole = toPlannerDocument(document, operation, supergraph, keys);
  const view = withheld === undefined ? undefined : withholdFields(document, operationName, withheld, keys);
  const source =
    view === undefined
      ? whole
      : toPlannerDocument(view.toPlan, findOperation(view.toPlan, operationName), supergraph, keys);
  const { node, renamedVariables } =
    source === undefined
      ? nothingToPlan
      : await withDeadline(
          options.planTimeoutMs,
          () => new AppError('OVERLOADED', 'Operation could not be planned in time', { retryAfterSeconds: 1 }),
          undefined,
          (signal) => planOperation(planner, source, signal),
        );
  const compileOptions = { facts: supergraph.facts, client, logger, entityMemory: options.entityMemory };
  const stream = operation.operation === 'subscription' ? compileStream(node, compileOptions) : undefined;
  const fetch = compilePlan(stream === undefined ? node : stream.rest, compileOptions);
  const answered = view === undefined ? document : view.toAnswer;
  return {
    kind: operation.operation,
    operationName: operation.name?.value,
    document,
    operation,
    plan: node,
    step: view === undefined ? fetch : async (run) => fetch(run).then(() => view.mark(run.tree)),
    stream,
    renamedVariables,
    isWithheld: withheld !== undefined,
    answer: options.prepareAnswer(
      supergraph.publicSchema,
      answered,
      findOperation(answered, operationName),
      view?.keys ?? keys,
    ),
  };
}

function findOperation(document: DocumentNode, operationName: string | undefined): OperationDefinitionNode {
  const operation = getOperationAST(document, operationName);
  if (operation != null) return operation;
  throw new AppError('BAD_USER_INPUT', 'Operation name does not name exactly one operation of the document');
}
