import type { Logger } from '@tessera/service/logging';
import type { FormattedExecutionResult } from 'graphql';
import type { RequestContext } from '../context.js';
import type { OperationKind, OperationMetrics, OperationOutcome } from './operation-metrics.js';
import type { TenantUsageReporter } from './tenant-usage-reporter.js';

/** What is known about an operation when it is over. */
export interface ObservedOperation {
  readonly kind: OperationKind;
  readonly operationName: string | undefined;
  readonly outcome: OperationOutcome;
  /** The code of the first error, where there is one. */
  readonly code: string | undefined;
  readonly durationMs: number;
}

/** Called once for every operation, whatever became of it. */
export type ObserveOperation = (operation: ObservedOperation, context: RequestContext) => void;

/** Counts operations, logs a line for each, and adds them to their tenant's usage. Variables are never seen here. */
export function createOperationObserver(
  logger: Logger,
  metrics: OperationMetrics,
  usage: TenantUsageReporter,
): ObserveOperation {
  return ({ kind, operationName, outcome, code, durationMs }, context) => {
    metrics.operation(kind, outcome, durationMs);
    usage.record(context.principal, durationMs, outcome !== 'ok');
    logger.info(
      {
        operationName: operationName ?? 'anonymous',
        kind,
        outcome,
        ...(code === undefined ? {} : { code }),
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
