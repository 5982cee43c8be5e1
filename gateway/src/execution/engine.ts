import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError, toAppError } from '@tessera/service/errors';
import type { ExecutionResult, FormattedExecutionResult, DocumentNode } from 'graphql';
import type { RequestContext } from '../context.js';
import type { Withheld } from '../guards/authorization/withheld.js';
import { readEntityFacts, type EntityFacts } from '../planning/defer/entity-facts.js';
import { createPlanStore } from '../planning/plan-store.js';
import type { Supergraph } from '../planning/supergraph.js';
import type { DeferredAnswer } from '../transport/deferred-answer.js';
import type { AnswerSources } from './answer-sources.js';
import { runDeferral } from './deferral/run-deferral.js';
import { copyTree } from './merge.js';
import { GeneratedCode } from './generated-code.js';
import type { EngineOptions } from './engine-options.js';
import { prepareOperation, type PrepareOptions } from './prepare-operation.js';
import type { PreparedOperation, SubscriptionFetch, Variant } from './prepared-operation.js';
import { runInStages } from './run-in-stages.js';
import type { Run } from './run.js';
import { isTreeObject } from './result-tree.js';
import { readAnswer } from './subgraph-answer.js';
import { coerceVariables } from './variables.js';

type ClientVariables = Readonly<Record<string, unknown>> | undefined;

/** Plans and runs operations over one supergraph. A new supergraph means a new engine. */
export interface Engine {
  readonly supergraph: Supergraph;
  /**
   * Plans an operation, or finds it prepared, at once then. Concurrent calls for one operation share the work.
   *
   * @param document parsed from `source` and valid against `supergraph.publicSchema`
   * @param withheld selections of the document that the caller may not have; each set of them is prepared by itself
   * @throws AppError `OPERATION_TOO_COMPLEX` for what expands or plans too big, `INTERNAL_SERVER_ERROR` otherwise
   */
  prepare(
    document: DocumentNode,
    source: string,
    operationName?: string,
    withheld?: Withheld,
  ): PreparedOperation | Promise<PreparedOperation>;
  /**
   * Runs a query or a mutation. Never rejects: what fails is an error in the answer, at the path it belongs to.
   * An answer without `data` was refused before it ran (`BAD_USER_INPUT`: variables).
   *
   * @param sources told what the answer is made of
   */
  execute(
    prepared: PreparedOperation,
    variables: ClientVariables,
    context: RequestContext,
    sources?: AnswerSources,
  ): Promise<FormattedExecutionResult>;
  /** As {@link execute}, but what the operation defers comes later. */
  executeDeferred(
    prepared: PreparedOperation,
    variables: ClientVariables,
    context: RequestContext,
    sources?: AnswerSources,
  ): Promise<DeferredAnswer>;
  /**
   * Runs a mutation that may change who the caller is. What it does is done as prepared; what is read below it, and what
   * of that is answered, as `decide` says for whoever the caller has become. Never rejects.
   *
   * @param decide gives the same operation with more or less withheld below its root
   */
  executeInStages(
    prepared: PreparedOperation,
    variables: ClientVariables,
    context: RequestContext,
    decide: (context: RequestContext) => Promise<PreparedOperation>,
  ): Promise<FormattedExecutionResult>;
  /**
   * What to ask which subgraph to open the stream of a subscription.
   *
   * @throws AppError `BAD_USER_INPUT`, at once, for variables that do not fit the operation; rejects as `prepare` does
   */
  subscriptionFetch(
    prepared: PreparedOperation,
    variables: ClientVariables,
    context: RequestContext,
  ): Promise<SubscriptionFetch>;
  /**
   * Answers one event of a subscription: completes what the stream's subgraph sent with the other subgraphs' fields.
   * Never rejects. The event is not changed: several subscribers may share it.
   *
   * @param event as the stream's subgraph sent it
   */
  executeEvent(
    prepared: PreparedOperation,
    event: ExecutionResult | FormattedExecutionResult,
    variables: ClientVariables,
    context: RequestContext,
  ): Promise<FormattedExecutionResult>;
}

/** In characters: of longer texts every step of preparing is a turn of the event loop of its own. */
const longSource = 4_096;

/** Fills a run's tree. @returns what writes the answer, where that is another operation than the one that runs */
type Fill = (
  run: Run,
  variant: Variant,
  values: Readonly<Record<string, unknown>>,
) => Promise<PreparedOperation | void>;

/** Creates the engine of one supergraph. It opens nothing itself: planner and client are closed by who made them. */
export function createEngine(options: EngineOptions): Engine {
  const { supergraph, logger } = options;
  const maxEntries = options.maxPreparedOperations ?? 1_000;
  const maxKeyCharacters = 32 * 1024 * 1024;
  let entityFacts: EntityFacts | undefined;
  const { generatedCode = new GeneratedCode() } = options;
  const prepareOptions: Omit<PrepareOptions, 'code'> = {
    ...options,
    variants: createPlanStore({ maxEntries, maxKeyCharacters }),
    planTimeoutMs: options.planTimeoutMs ?? 5_000,
    maxExpandedSelections: options.maxExpandedSelections ?? 5_000,
    entityFacts: () => (entityFacts ??= readEntityFacts(supergraph.sdl)),
  };
  const store = createPlanStore<PreparedOperation>({ maxEntries, maxKeyCharacters });
  let preparations = 0;

  async function answer(
    prepared: PreparedOperation,
    given: ClientVariables,
    context: RequestContext,
    fill: Fill,
    sources?: AnswerSources,
  ): Promise<FormattedExecutionResult> {
    const { requestId } = context;
    try {
      const coerced = coerceVariables(supergraph.publicSchema, prepared, given);
      if ('faults' in coerced) return prepared.answer.refuse(coerced.faults, requestId);
      const found = prepared.variantFor(coerced.values, requestId);
      const variant = found instanceof Promise ? await found : found;
      const run = beginRun(prepared, variant, coerced.values, context, sources);
      const answered = (await fill(run, variant, coerced.values)) ?? prepared;
      return answered.answer.write(run.tree, run.unplaced, coerced.values, requestId);
    } catch (thrown) {
      return crash(prepared, thrown, requestId);
    }
  }

  async function answerDeferred(
    prepared: PreparedOperation,
    given: ClientVariables,
    context: RequestContext,
    sources?: AnswerSources,
  ): Promise<DeferredAnswer> {
    const { requestId } = context;
    try {
      const coerced = coerceVariables(supergraph.publicSchema, prepared, given);
      if ('faults' in coerced) return { first: prepared.answer.refuse(coerced.faults, requestId) };
      const { values } = coerced;
      const variant = await prepared.variantFor(values, requestId);
      const deferral = variant.deferral?.of(values);
      if (deferral === undefined) {
        return { first: await answer(prepared, given, context, (run) => variant.step(run), sources) };
      }
      const run = beginRun(prepared, variant, values, context, sources);
      return await runDeferral(deferral, run, values, supergraph.facts, ({ tree }) => prepared.mark(tree));
    } catch (thrown) {
      return { first: crash(prepared, thrown, requestId) };
    }
  }

  function crash(prepared: PreparedOperation, thrown: unknown, requestId: string): FormattedExecutionResult {
    const error = toAppError(thrown);
    logger[error.traits.logLevel]({ requestId, err: error }, 'an operation failed');
    return prepared.answer.refuse([error], requestId);
  }

  return {
    supergraph,
    prepare(document, source, operationName, withheld) {
      const key = `${operationName ?? ''}\n${withheld?.key ?? ''}\n${source}`;
      return store.get(key, async () => {
        // To let it in may have taken some milliseconds.
        if (source.length >= longSource) await nextTurn();
        const preparing = { ...prepareOptions, code: generatedCode.of(key) };
        return prepareOperation(document, operationName, preparing, String((preparations += 1)), withheld);
      });
    },
    execute: (prepared, variables, context, sources) =>
      answer(prepared, variables, context, (run, { step }) => step(run), sources),
    executeDeferred: answerDeferred,
    executeInStages: (prepared, variables, context, decide) =>
      answer(prepared, variables, context, (run, variant, values) => runInStages(run, variant, values, decide)),
    subscriptionFetch(prepared, given, { requestId }) {
      const coerced = coerceVariables(supergraph.publicSchema, prepared, given);
      if ('faults' in coerced) {
        throw coerced.faults[0] ?? new AppError('BAD_USER_INPUT', 'Variables do not fit the operation');
      }
      return Promise.resolve(prepared.variantFor(coerced.values, requestId)).then((variant) => {
        const { primary, rest } = streamOf(variant);
        const values = planVariables(variant, coerced.values);
        const used = (primary.variableUsages ?? []).filter((name) => values[name] !== undefined);
        return {
          subgraph: primary.serviceName,
          query: primary.operation,
          operationName: primary.operationName ?? undefined,
          variables: Object.fromEntries(used.map((name) => [name, values[name]])),
          isWhole: rest === undefined,
          variant,
        };
      });
    },
    executeEvent(prepared, event, variables, context) {
      return answer(prepared, variables, context, async (run, variant) => {
        const data = isTreeObject(event.data) ? copyTree(event.data) : null;
        const received = readAnswer({ data, errors: event.errors });
        const asked = received === undefined ? { fault: emptyEvent } : { answer: received };
        streamOf(variant).receive(run, asked, [run.tree]);
        await variant.step(run);
      });
    },
  };
}

const emptyEvent = {
  message: 'An event came without data',
  extensions: { code: 'SUBGRAPH_UNAVAILABLE' },
};

function streamOf({ stream }: Variant) {
  if (stream === undefined) throw new TypeError('The operation is not a subscription');
  return stream;
}

function beginRun(
  { kind }: PreparedOperation,
  variant: Variant,
  values: Readonly<Record<string, unknown>>,
  context: RequestContext,
  sources: AnswerSources | undefined,
): Run {
  const variables = planVariables(variant, values);
  return { tree: {}, unplaced: [], variables, context, sources, mayRecall: kind === 'query' };
}

function planVariables(
  { renamedVariables }: Variant,
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (renamedVariables.size === 0) return values;
  const renamed = [...renamedVariables].map(([planName, name]) => [planName, values[name]] as const);
  return { ...values, ...Object.fromEntries(renamed) };
}
