import type { Logger } from '@tessera/service/logging';
import type { FormattedExecutionResult } from 'graphql';
import type { RequestContext } from '../context.js';
import type { OperationKind, OperationMetrics, OperationOutcome } from './operation-metrics.js';
import type { TenantUsageReporter } from './tenant-usage-reporter.js';
import type { CountUse } from './use-metrics.js';

/** What is known about an operation when it is over. */
export interface ObservedOperation {
  readonly kind: OperationKind;
  readonly operationName: string | undefined;
  readonly outcome: OperationOutcome;
  /** The code of the first error, where there is one. */
  readonly code: string | undefined;
  readonly durationMs: number;
  /** What it was estimated to cost; absent where it was refused before. */
  readonly cost?: number | undefined;
  /** What its answer cost: counted for a sample. */
  readonly measuredCost?: number | undefined;
  /** Requests to subgraphs; of a stream all of them, when it has ended. */
  readonly subgraphRequests?: number;
  /** Whether it was found planned; absent where it was refused before. */
  readonly isPlanned?: boolean;
}

/** Called once for every operation, whatever became of it. */
export type ObserveOperation = (operation: ObservedOperation, context: RequestContext) => void;

/** What counts by name; undefined where the settings say that nothing is. */
export interface UseCounts {
  readonly operation: CountUse | undefined;
  readonly client: CountUse | undefined;
}

export interface OperationObserverOptions {
  readonly logger: Logger;
  readonly metrics: OperationMetrics;
  readonly usage: Pick<TenantUsageReporter, 'record'>;
  readonly counts: UseCounts;
  /** Of operations without errors, the share that is logged: 0 to 1. All others always are. */
  readonly successfulShare: number;
  /** 0 to 1; default `Math.random`. Nothing of the client's decides: nobody chooses not to be logged. */
  readonly random?: () => number;
}

/** Counts operations, logs a line for each or for a share, and adds them to their tenant's usage. Variables are never seen here. */
export function createOperationObserver(options: OperationObserverOptions): ObserveOperation {
  const { logger, metrics, usage, counts, successfulShare, random = Math.random } = options;
  const isLogged = (outcome: OperationOutcome): boolean =>
    (outcome !== 'ok' || successfulShare === 1 || random() < successfulShare) && logger.isLevelEnabled('info');

  return (operation, context) => {
    const { kind, operationName, outcome, code, durationMs, cost, subgraphRequests } = operation;
    metrics.operation(kind, outcome, durationMs);
    // Who is refused for having used up the calls of a month does not use more of them.
    if (code !== 'QUOTA_EXCEEDED' || outcome !== 'refused')
      usage.record(context.principal, durationMs, outcome !== 'ok');
    counts.operation?.(operationName ?? (kind === 'unknown' ? undefined : 'anonymous'), operation);
    counts.client?.(context.clientName, operation);
    if (!isLogged(outcome)) return;
    logger.info(
      {
        operationName: operationName ?? 'anonymous',
        kind,
        outcome,
        ...(code === undefined ? {} : { code }),
        ...(cost === undefined ? {} : { cost }),
        ...(subgraphRequests === undefined ? {} : { subgraphRequests }),
        durationMs: Math.round(durationMs * 100) / 100,
        clientName: context.clientName,
        clientVersion: context.clientVersion,
        requestId: context.requestId,
        traceId: context.traceparent.slice(3, 35),
      },
      'operation',
    );
  };
}

/** What an answer came to. */
export function outcomeOf(answer: FormattedExecutionResult): OperationOutcome {
  const { errors } = answer;
  // The data of an answer that was kept is read when somebody wants to have it.
  if (errors === undefined || errors.length === 0) return 'ok';
  if (answer.data === undefined) return 'refused';
  return answer.data === null ? 'failed' : 'partial';
}
