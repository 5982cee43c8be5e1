import { AppError, type ErrorCode } from '@tessera/service/errors';
import type { GraphQLFormattedError } from 'graphql';
import { OperationRefusal } from '../transport/operation-refusal.js';

/** What a thread found about a text, as it can be sent: errors lose their classes on the way. */
export type Finding =
  | { readonly kind: 'passed' }
  | { readonly kind: 'refused'; readonly errors: readonly GraphQLFormattedError[] }
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly details?: Readonly<Record<string, unknown>>;
      readonly retryAfterSeconds?: number;
    };

/** Says what became of a check. */
export function toFinding(thrown: unknown): Finding {
  if (thrown instanceof OperationRefusal) return { kind: 'refused', errors: thrown.errors };
  if (!(thrown instanceof AppError)) return { kind: 'failed', code: 'INTERNAL_SERVER_ERROR', message: String(thrown) };
  const { code, message, details } = thrown;
  return { kind: 'failed', code, message, ...(details === undefined ? {} : { details }) };
}

/** The error that a finding stands for. */
export function toRefusal(finding: Exclude<Finding, { kind: 'passed' }>): OperationRefusal | AppError {
  if (finding.kind === 'refused') return new OperationRefusal(finding.errors);
  const { code, message, details, retryAfterSeconds } = finding;
  return new AppError(code, message, {
    ...(details === undefined ? {} : { details }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}
