import type { AuthorizedEngine } from './authorized-engine.js';
import type { RequestContext } from './context.js';
import type { PreparedOperation } from './execution/prepared-operation.js';
import type { Admission, AdmittedOperation } from './guards/admit-operation.js';
import type { Authenticate } from './guards/authenticate.js';
import { wantsCost, withCost } from './guards/cost/cost-extension.js';
import { answerWithoutSuggestions, withoutSuggestions } from './guards/suggestions.js';
import type { FindDocument } from './operations/automatic-persisted-queries.js';
import { selectOperation } from './operations/select-operation.js';
import type { BusyOperations } from './planning/busy-operations.js';
import type { Subscriptions } from './subscriptions/subscriptions.js';
import type { ObservedOperation, ObserveOperation } from './telemetry/observe-operation.js';
import { outcomeOf } from './telemetry/observe-operation.js';
import type { OperationMetrics } from './telemetry/operation-metrics.js';
import { codeOf, formatErrors } from './transport/format-error.js';
import type { AnswerStream, OperationHandler, ReadyOperation } from './transport/operation-handler.js';
import type { OperationRequest } from './transport/operation-request.js';
import { observeStream } from './telemetry/observe-stream.js';

export interface OperationPathOptions {
  readonly authenticate: Authenticate;
  readonly findDocument: FindDocument;
  readonly admission: Admission;
  readonly engine: AuthorizedEngine;
  readonly subscriptions: Subscriptions;
  readonly metrics: OperationMetrics;
  readonly observe: ObserveOperation;
  readonly busyOperations: BusyOperations;
}

/** One operation's way through the rooms, whatever transport it came by. */
export function createOperationPath(options: OperationPathOptions): OperationHandler {
  const { authenticate, findDocument, admission, engine, subscriptions, metrics, observe, busyOperations } = options;
  const planned = new WeakSet<PreparedOperation>();
  const reauthentication = { reauthenticate: (accessToken: string) => authenticate(`Bearer ${accessToken}`) };

  const plan = async (request: OperationRequest, context: RequestContext): Promise<Decided> => {
    const stored = await findDocument(request);
    const operation = selectOperation(stored, request.operationName);
    const { document, source } = stored;
    const admitted = admission.admit(document, operation, request.variables, context.principal);
    const prepared = await engine.prepareFor({ document, source, operation }, context);
    metrics.planCache(planned.has(prepared) ? 'hit' : 'miss');
    planned.add(prepared);
    busyOperations.record(stored.source, stored.hash, request.operationName);
    return { prepared, admitted };
  };

  return {
    authenticate,
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

  function ready({ prepared, admitted }: Decided, request: OperationRequest, finish: Finish): ReadyOperation {
    const { kind, operationName } = prepared;
    const { variables } = request;
    const open = (context: RequestContext): AnswerStream => {
      try {
        return subscriptions.open(prepared, variables, context);
      } catch (error) {
        throw admission.mayIntrospect(context.principal) ? error : withoutSuggestions(error);
      }
    };
    return {
      kind,
      async run(context) {
        const answer = await engine.execute(prepared, variables, { ...context, ...reauthentication });
        const outcome = outcomeOf(answer);
        finish({ kind, operationName, outcome, code: outcome === 'ok' ? undefined : codeOf(answer) }, context);
        if (wantsCost(request.extensions, context)) return withCost(answer, admitted, variables);
        return admission.mayIntrospect(context.principal) ? answer : answerWithoutSuggestions(answer);
      },
      subscribe(context) {
        const events = open(context);
        metrics.subscriptionOpened();
        return observeStream(events, (failure) => {
          metrics.subscriptionClosed();
          const code = failure === undefined ? undefined : codeOf({ errors: formatErrors(failure.error, '') });
          finish({ kind, operationName, outcome: code === undefined ? 'ok' : 'failed', code }, context);
        });
      },
    };
  }
}

interface Decided {
  readonly prepared: PreparedOperation;
  readonly admitted: AdmittedOperation;
}

type Finish = (operation: Omit<ObservedOperation, 'durationMs'>, context: RequestContext) => void;
