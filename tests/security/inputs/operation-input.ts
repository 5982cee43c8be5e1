import type { SentOperation } from '../../gateway/support/transports.js';

/** Something that an attacker sends as an operation. */
export interface OperationInput {
  readonly name: string;
  readonly operation: SentOperation;
  /** Codes of which one has to be the answer's; absent: it is answered like any other. */
  readonly refusedAs?: RegExp;
}

/** An operation without variables that has to be refused. */
export function refused(name: string, query: string, refusedAs: RegExp): OperationInput {
  return { name, operation: { query }, refusedAs };
}

export const tooMuch = /^OPERATION_TOO_(COMPLEX|LARGE)$/;
export const notValid = /^GRAPHQL_VALIDATION_FAILED$/;
export const notParsed = /^GRAPHQL_PARSE_FAILED$/;
