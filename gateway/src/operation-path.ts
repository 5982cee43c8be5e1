import type { FormattedExecutionResult } from 'graphql';
import type { AuthorizedEngine } from './authorized-engine.js';
import type { SupergraphCaching } from './caching/supergraph-caching.js';
import type { Caller, RequestContext } from './context.js';
import type { AnswerSources } from './execution/answer-sources.js';
import type { PreparedOperation } from './execution/prepared-operation.js';
import { createFindOperation, type FindOperationOptions } from './find-operation.js';
import type { AdmittedOperation } from './guards/admit-operation.js';
import type { Authenticate } from './guards/authenticate.js';
import { wantsCost, withCost } from './guards/cost/cost-extension.js';
import type { PolicyEnforcement } from './guards/tenants/enforce-policies.js';
import { answerWithoutSuggestions, withoutSuggestions } from './guards/suggestions.js';
import { createOpenEvents, type OpenEventsOptions, type WatchedSource } from './open-events.js';
import type { BusyOperations } from './planning/busy-operations.js';
import type { CountFields } from './telemetry/field-usage/field-usage.js';
import type { ObservedOperation, ObserveOperation } from './telemetry/observe-operation.js';
import { outcomeOf } from './telemetry/observe-operation.js';
import type { OperationMetrics } from './telemetry/operation-metrics.js';
import { delivery, type DeliveredAnswer } from './transport/answer-delivery.js';
import type { DeferredAnswer } from './transport/deferred-answer.js';
import { codeOf, formatErrors } from './transport/format-error.js';
import type { AnswerStream, OperationHandler, ReadyOperation } from './transport/operation-handler.js';
import type { OperationRequest } from './transport/operation-request.js';
import { observeDeferral } from './telemetry/observe-deferral.js';
import { observeStream } from './telemetry/observe-stream.js';

export interface OperationPathOptions extends FindOperationOptions, OpenEventsOptions {
  readonly authenticate: Authenticate;
  readonly engine: AuthorizedEngine;
  /** What was planned before: it counts as found. */
  readonly planned: WeakSet<PreparedOperation>;
  readonly metrics: OperationMetrics;
  readonly observe: ObserveOperation;
  readonly busyOperations: BusyOperations;
  /** Undefined where nobody wants to know which fields clients use. */
  readonly countFields: CountFields | undefined;
  /** Undefined where nothing is kept. */
  readonly caching: SupergraphCaching | undefined;
  /** Undefined where nothing is known of tenants. */
  readonly policies: PolicyEnforcement | undefined;
}

/** One answer in so many is counted for what it cost. */
const measureEvery = 64;

/** One operation's way through the rooms, whatever transport it came by. */
export function createOperationPath(options: OperationPathOptions): OperationHandler {
  const { authenticate, rateLimits, admission, engine, planned, metrics } = options;
  const { observe, busyOperations, countFields, caching, services, policies } = options;
  const findOperation = createFindOperation(options);
  const openEvents = createOpenEvents(options);
  let answered = 0;
  const reauthenticate = async (accessToken: string): Promise<Caller> => authenticate(`Bearer ${accessToken}`);
  /** Who has just become somebody is held to what that tenant asks for, as with the next request. */
  const reauthenticateFrom = ({ clientAddress }: RequestContext) =>
    policies === undefined
      ? reauthenticate
      : async (accessToken: string) => policies.admit(await reauthenticate(accessToken), clientAddress);

  const plan = async (request: OperationRequest, context: RequestContext): Promise<Decided> => {
    const found = findOperation(request, context);
    const { stored, operation, admitted } = found instanceof Promise ? await found : found;
    const { document, source } = stored;
    const preparing = engine.prepareFor({ document, source, operation }, context);
    const prepared = preparing instanceof Promise ? await preparing : preparing;
    const isPlanned = planned.has(prepared);
    metrics.planCache(isPlanned ? 'hit' : 'miss');
    busyOperations.record(stored.source, stored.hash, request.operationName);
    countFields?.(stored, operation, context);
    if (!isPlanned) {
      planned.add(prepared);
      if (prepared.isWithheld) busyOperations.recordCaller(stored.hash, request.operationName, context.principal);
    }
    return { prepared, admitted, isPlanned, source: { document, operation } };
  };

  return {
    authenticate: (authorization, clientAddress) =>
      rateLimits === undefined ? authenticate(authorization) : rateLimits.authenticate(authorization, clientAddress),
    async prepare(request, context) {
      const startedAtMs = performance.now();
      const finish = (operation: Omit<ObservedOperation, 'durationMs'>, during: RequestContext): void =>
        observe({ ...operation, durationMs: performance.now() - startedAtMs }, during);
      try {
        return ready(await plan(request, context), request, finish);
      } catch (thrown) {
        const error = admission.mayIntrospect(context.principal) ? thrown : withoutSuggestions(thrown);
        const code = codeOf({ errors: formatErrors(error, context.requestId) });
        finish({ kind: 'unknown', operationName: request.operationName, outcome: 'refused', code }, context);
        throw error;
      }
    },
  };

  /** Queries may be answered from what was kept; what a mutation changes is forgotten. */
  function execute(
    prepared: PreparedOperation,
    variables: OperationRequest['variables'],
    context: RequestContext,
    subgraphRequests: { count: number },
  ): Promise<DeliveredAnswer> {
    const run = (during: RequestContext, sources?: AnswerSources) =>
      engine.execute(
        prepared,
        variables,
        { ...during, reauthenticate: reauthenticateFrom(during), subgraphRequests },
        sources,
      );
    if (caching === undefined) return run(context);
    if (prepared.kind === 'mutation') return caching.mutate(context, (sources) => run(context, sources));
    if (caching.answers === undefined) return run(context);
    const query = { prepared, variables, isGuarded: engine.isGuarded(prepared) };
    return caching.answers.answer(query, context, run);
  }

  /** What comes in parts is not kept; what a mutation changes is forgotten all the same. */
  function executeDeferred(
    prepared: PreparedOperation,
    variables: OperationRequest['variables'],
    context: RequestContext,
  ): Promise<DeferredAnswer> {
    const run = (sources?: AnswerSources) => engine.executeDeferred(prepared, variables, context, sources);
    return caching !== undefined && prepared.kind === 'mutation' ? caching.mutate(context, run) : run();
  }

  /** The way of a request whose answer was kept, when the same request comes again. */
  function offerRepeat(request: OperationRequest, context: RequestContext, answer: DeliveredAnswer): void {
    const again = answer[delivery]?.again;
    if (again === undefined || wantsCost(request.extensions, context)) return;
    context.offerRepeat?.(async (during) => {
      const startedAtMs = performance.now();
      const { stored, operation, admitted } = await findOperation(request, during);
      if (services?.mayWithhold(during) === true) return undefined;
      const delivered = again();
      if (delivered === undefined) return undefined;
      countFields?.(stored, operation, during);
      const durationMs = performance.now() - startedAtMs;
      const known = { kind: 'query', operationName: operation.name?.value, cost: admitted.cost } as const;
      observe({ ...known, outcome: 'ok', code: undefined, durationMs, subgraphRequests: 0 }, during);
      return delivered;
    });
  }

  /** Counting what an answer cost takes a walk through it: one in so many is enough for an average. */
  function shouldMeasure(): boolean {
    answered += 1;
    return answered % measureEvery === 0;
  }

  function ready(decided: Decided, request: OperationRequest, finish: Finish): ReadyOperation {
    const { prepared, admitted, isPlanned } = decided;
    const { kind, operationName } = prepared;
    const subgraphRequests = { count: 0 };
    const { variables } = request;
    const complete = (answer: FormattedExecutionResult, context: RequestContext): FormattedExecutionResult => {
      if (wantsCost(request.extensions, context)) return withCost(answer, admitted, variables);
      return admission.mayIntrospect(context.principal) ? answer : answerWithoutSuggestions(answer);
    };
    const known = () => ({
      kind,
      operationName,
      cost: admitted.cost,
      isPlanned,
      subgraphRequests: subgraphRequests.count,
    });
    const finishWith = (answer: FormattedExecutionResult, context: RequestContext): void => {
      const outcome = outcomeOf(answer);
      const code = outcome === 'ok' ? undefined : codeOf(answer);
      const measuredCost = shouldMeasure() ? admitted.costs.actual(answer.data, variables) : undefined;
      finish({ ...known(), outcome, code, measuredCost }, context);
    };
    return {
      kind,
      ...(prepared.first.deferral !== undefined && {
        async runDeferred(context: RequestContext) {
          const during = { ...context, reauthenticate: reauthenticateFrom(context), subgraphRequests };
          const answer = await executeDeferred(prepared, variables, during);
          const { first } = answer;
          const observed = observeDeferral(answer, (laterErrors) => {
            const errors = [...(first.errors ?? []), ...laterErrors];
            finishWith(errors.length === 0 ? first : { ...first, errors }, context);
          });
          return { ...observed, first: complete(first, context) };
        },
      }),
      async run(context) {
        const answer = await execute(prepared, variables, context, subgraphRequests);
        finishWith(answer, context);
        if (context.offerRepeat !== undefined) offerRepeat(request, context, answer);
        return complete(answer, context);
      },
      subscribe: (context) => subscribe(decided, request, finish, context),
    };
  }

  /** Apart from what else an operation may do: all that this sees is held as long as the client listens. */
  function subscribe(
    { prepared, admitted, isPlanned, source }: Decided,
    request: OperationRequest,
    finish: Finish,
    outer: RequestContext,
  ): AnswerStream {
    const { kind, operationName } = prepared;
    const { cost } = admitted;
    const { subgraphRequests = { count: 0 }, attachment } = outer;
    const context = outer.subgraphRequests === undefined ? { ...outer, subgraphRequests } : outer;
    const movesBefore = attachment?.current === undefined ? 0 : attachment.moves + 1;
    const events = openEvents({ prepared, source, request }, context);
    metrics.subscriptionOpened();
    return observeStream(events, (failure) => {
      metrics.subscriptionClosed();
      // It goes on with another supergraph.
      if (attachment !== undefined && attachment.moves > movesBefore) return;
      const code = failure === undefined ? undefined : codeOf({ errors: formatErrors(failure.error, '') });
      const outcome = code === undefined ? 'ok' : 'failed';
      finish(
        { kind, operationName, cost, isPlanned, subgraphRequests: subgraphRequests.count, outcome, code },
        context,
      );
    });
  }
}

interface Decided {
  readonly prepared: PreparedOperation;
  readonly admitted: AdmittedOperation;
  readonly source: WatchedSource;
  /** Whether it was found planned. */
  readonly isPlanned: boolean;
}

type Finish = (operation: Omit<ObservedOperation, 'durationMs'>, context: RequestContext) => void;
