import type { AuthorizedEngine } from './authorized-engine.js';
import type { RequestContext } from './context.js';
import type { PreparedOperation } from './execution/prepared-operation.js';
import type { Authenticate } from './guards/authenticate.js';
import type { FindDocument } from './operations/automatic-persisted-queries.js';
import { selectOperation } from './operations/select-operation.js';
import type { BusyOperations } from './planning/busy-operations.js';
import type { EventAnswers, Subscriptions } from './subscriptions/subscriptions.js';
import type { ObservedOperation, ObserveOperation } from './telemetry/observe-operation.js';
import { outcomeOf } from './telemetry/observe-operation.js';
import type { OperationMetrics } from './telemetry/operation-metrics.js';
import { codeOf, formatErrors } from './transport/format-error.js';
import type { OperationHandler, ReadyOperation } from './transport/operation-handler.js';
import type { OperationRequest } from './transport/operation-request.js';
import { observeStream } from './telemetry/observe-stream.js';

export interface OperationPathOptions {
  readonly authenticate: Authenticate;
  readonly findDocument: FindDocument;
  readonly engine: AuthorizedEngine;
  readonly subscriptions: Subscriptions;
  readonly metrics: OperationMetrics;
  readonly observe: ObserveOperation;
  readonly busyOperations: BusyOperations;
}

/** One operation's way through the rooms, whatever transport it came by. */
export function createOperationPath(options: OperationPathOptions): OperationHandler {
  const { authenticate, findDocument, engine, subscriptions, metrics, observe, busyOperations } = options;
  const planned = new WeakSet<PreparedOperation>();
  const reauthentication = { reauthenticate: (accessToken: string) => authenticate(`Bearer ${accessToken}`) };

  const plan = async (request: OperationRequest, context: RequestContext): Promise<PreparedOperation> => {
    const stored = await findDocument(request);
    const operation = selectOperation(stored, request.operationName);
    const { document, source } = stored;
    const prepared = await engine.prepareFor({ document, source, operation }, context);
    metrics.planCache(planned.has(prepared) ? 'hit' : 'miss');
    planned.add(prepared);
    busyOperations.record(stored.source, stored.hash, request.operationName);
    return prepared;
  };

  return {
    authenticate,
    async prepare(request, context) {
      const startedAtMs = performance.now();
      const finish = (operation: Omit<ObservedOperation, 'durationMs'>, during: RequestContext): void =>
        observe({ ...operation, durationMs: performance.now() - startedAtMs }, during);
      try {
        const prepared = await plan(request, context);
        return ready(prepared, request, finish);
      } catch (error) {
        const code = codeOf({ errors: formatErrors(error, context.requestId) });
        finish({ kind: 'unknown', operationName: request.operationName, outcome: 'refused', code }, context);
        throw error;
      }
    },
  };

  function ready(prepared: PreparedOperation, { variables }: OperationRequest, finish: Finish): ReadyOperation {
    const { kind, operationName } = prepared;
    return {
      kind,
      async run(context) {
        const answer = await engine.execute(prepared, variables, { ...context, ...reauthentication });
        const outcome = outcomeOf(answer);
        finish({ kind, operationName, outcome, code: outcome === 'ok' ? undefined : codeOf(answer) }, context);
        return answer;
      },
      subscribe(context): EventAnswers {
        const events = subscriptions.open(prepared, variables, context);
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

type Finish = (operation: Omit<ObservedOperation, 'durationMs'>, context: RequestContext) => void;
