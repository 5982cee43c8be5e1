import { AppError } from '@tessera/service/errors';
import type { Logger } from '@tessera/service/logging';
import { getOperationAST, type DocumentNode, type OperationDefinitionNode } from 'graphql';
import type { Withheld } from '../guards/authorization/withheld.js';
import { allDecisions, findConditions, textOfDecisions, type Decisions } from '../planning/conditions.js';
import type { EntityFacts } from '../planning/defer/entity-facts.js';
import { assertExpansionWithin } from '../planning/expansion-limit.js';
import type { PlanStore } from '../planning/plan-store.js';
import { turnAfter } from '../planning/pieces.js';
import { planOperation, type OperationPlan } from '../planning/plan-operation.js';
import { toPlannerDocument, type PlannerDocument } from '../planning/planner-document.js';
import type { Planner } from '../planning/planner.js';
import { createResultKeys } from '../planning/result-keys.js';
import type { Supergraph } from '../planning/supergraph.js';
import type { PrepareAnswer } from './answer.js';
import { compilePlan, compileStream } from './compile-plan.js';
import { withDeadline } from './deadline.js';
import { prepareDeferral } from './deferral/prepare-deferral.js';
import type { EntityMemory } from './entity-memory.js';
import { compileStages } from './mutation-stages.js';
import type { OperationCode } from './generated-code.js';
import type { PreparedOperation, Variant } from './prepared-operation.js';
import type { Step } from './run.js';
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
  /** Of this operation, for when it has proved busy: most documents are asked but once. */
  readonly code: OperationCode;
  readonly entityMemory?: EntityMemory | undefined;
  /** Read when the first operation defers something. */
  readonly entityFacts: () => EntityFacts;
  /** Of all operations: those that other values than the first of their conditions' variables have asked for. */
  readonly variants: PlanStore<Variant>;
}

/** Of operations with so many conditions all variants are planned ahead. */
const maxWarmConditions = 2;

const nothingToPlan: OperationPlan = { node: undefined, renamedVariables: new Map() };

/**
 * Plans and compiles one operation of a valid document.
 *
 * @param name what no other operation is prepared under
 * @param withheld selections of this document that are not fetched, and answered as null with a reason
 * @throws AppError `OPERATION_TOO_COMPLEX` for what expands or plans too big, `INTERNAL_SERVER_ERROR` for what the
 *   planner cannot plan, `BAD_USER_INPUT` where the document does not tell which operation is meant
 */
export async function prepareOperation(
  document: DocumentNode,
  operationName: string | undefined,
  options: PrepareOptions,
  name: string,
  withheld?: Withheld,
): Promise<PreparedOperation> {
  const { supergraph, planner, subgraphClient: client, logger, variants, code } = options;
  const startedAtMs = performance.now();
  const operation = findOperation(document, operationName);
  assertExpansionWithin(document, operation, options.maxExpandedSelections);
  const { rollOut } = supergraph;
  const keys = createResultKeys(supergraph.facts);
  const conditions = findConditions(document, operation);
  const whole = toPlannerDocument(document, operation, supergraph, keys, conditions.most);
  const view = withheld === undefined ? undefined : withholdFields(document, operationName, withheld, keys);
  const planned = view === undefined ? document : view.toPlan;
  const plannedOperation = view === undefined ? operation : findOperation(planned, operationName);
  const answered = view === undefined ? document : view.toAnswer;
  const answeredOperation = view === undefined ? operation : findOperation(answered, operationName);
  const answeredKeys = view?.keys ?? keys;
  const compileOptions = {
    facts: supergraph.facts,
    client,
    logger,
    entityMemory: options.entityMemory,
    code: undefined,
    operationName: operation.name?.value,
  };

  async function makeVariant(source: PlannerDocument | undefined, roll: number | undefined): Promise<Variant> {
    const { node, renamedVariables } =
      source === undefined
        ? nothingToPlan
        : await withDeadline(
            options.planTimeoutMs,
            () => new AppError('OVERLOADED', 'Operation could not be planned in time', { retryAfterSeconds: 1 }),
            undefined,
            (signal) => planOperation(planner, source, signal, roll),
          );
    const stream = operation.operation === 'subscription' ? compileStream(node, compileOptions) : undefined;
    const fetched = stream === undefined ? node : stream.rest;
    const fetch = compileTwice((generated) => compilePlan(fetched, { ...compileOptions, code: generated }), code);
    const step: Step = view === undefined ? fetch : async (run) => fetch(run).then(() => view.mark(run.tree));
    const stages = () => compileStages(node, compileOptions);
    const deferral = prepareDeferral(answered, answeredOperation, node, answeredKeys, { ...options, compileOptions });
    return { plan: node, step, stages, stream, renamedVariables, deferral };
  }

  await turnAfter(startedAtMs);
  const decide = (decisions: Decisions): PlannerDocument | undefined =>
    toPlannerDocument(planned, plannedOperation, supergraph, keys, decisions);
  const first = await makeVariant(view === undefined ? whole : decide(conditions.most), rollOut?.none);
  const firstDecisions = textOfDecisions(conditions, conditions.most);
  const variantFor: PreparedOperation['variantFor'] = (variables, requestId) => {
    if (conditions.variables.length === 0 && rollOut === undefined) return first;
    const decisions = textOfDecisions(conditions, variables);
    const roll = rollOut?.rollOf(requestId);
    if (decisions === firstDecisions && roll === rollOut?.none) return first;
    return variants.get(`${name} ${decisions} ${roll ?? ''}`, () => makeVariant(decide(variables), roll));
  };
  const { publicSchema } = supergraph;
  const answer = options.prepareAnswer(publicSchema, answered, answeredOperation, answeredKeys, code);
  return {
    kind: operation.operation,
    operationName: operation.name?.value,
    document,
    operation,
    conditionVariables: conditions.variables,
    first,
    variantFor,
    async warm() {
      if (conditions.variables.length > maxWarmConditions) return;
      for (const decisions of allDecisions(conditions)) {
        await variantFor(decisions, '');
        answer.warm(decisions);
      }
    },
    isWithheld: withheld !== undefined,
    mark: view === undefined ? () => undefined : view.mark,
    answer,
  };
}

/** Compiles a plan quickly and, when it has run so often that this pays, once more, into code of its own. */
function compileTwice(compile: (code: OperationCode | undefined) => Step, code: OperationCode): Step {
  const { usesBeforeCode } = code;
  if (usesBeforeCode === 0) return compile(code);
  let step = compile(undefined);
  let uses = 0;
  return (run) => {
    uses += 1;
    if (uses === usesBeforeCode + 1) step = compile(code);
    return step(run);
  };
}

function findOperation(document: DocumentNode, operationName: string | undefined): OperationDefinitionNode {
  const operation = getOperationAST(document, operationName);
  if (operation != null) return operation;
  throw new AppError('BAD_USER_INPUT', 'Operation name does not name exactly one operation of the document');
}
