import type { IncomingHttpHeaders } from 'node:http';
import { isTreeObject, type ResultTree } from './result-tree.js';

/** A GraphQL answer as it came; that it is well formed has been checked. */
export interface SubgraphAnswer {
  readonly data: ResultTree | null | undefined;
  readonly errors: readonly SubgraphErrorBody[];
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** The token of who the caller has become by this mutation. */
  readonly newAccessToken?: string;
  /** Tokens that the gateway is to keep for its client, as auth's header has them. */
  readonly sessionTokens?: string;
  /** There where the client of subgraphs was asked to tell. */
  readonly exchange?: SubgraphExchange;
}

/** What else is to know about an answer for who keeps it. */
export interface SubgraphExchange {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  /** When the request was sent, which somebody else may have done; milliseconds of `performance.now()`. */
  readonly startedAtMs: number;
}

export interface SubgraphErrorBody {
  readonly message: string;
  readonly path: readonly (string | number)[] | undefined;
  readonly extensions: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Reads a GraphQL answer whatever its status: a refusal (`4xx`, `5xx`) may well carry errors that say why.
 *
 * @throws Error for what is not a GraphQL answer; the subgraph counts as unavailable then
 */
export function parseAnswer(statusCode: number, text: string): SubgraphAnswer {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new Error(`The answer (status ${statusCode}) is not JSON`, { cause });
  }
  const answer = isTreeObject(body) ? readAnswer(body) : undefined;
  if (answer === undefined) throw new Error(`The answer (status ${statusCode}) is not a GraphQL answer`);
  return answer;
}

/** @returns undefined for an object that is not a GraphQL answer */
export function readAnswer(body: Readonly<Record<string, unknown>>): SubgraphAnswer | undefined {
  const data = body['data'];
  const errors = readErrors(body['errors']);
  const isEmpty = data === undefined || data === null;
  if (!isTreeObject(data) && !(isEmpty && errors.length > 0)) return undefined;
  const extensions = body['extensions'];
  return isTreeObject(extensions) ? { data, errors, extensions } : { data, errors };
}

/** Of what is not said as the specification has it, so much is clear: that something went wrong. */
function readErrors(errors: unknown): readonly SubgraphErrorBody[] {
  if (errors === undefined || errors === null) return [];
  return Array.isArray(errors) ? errors.map(readError) : [readError(errors)];
}

function readError(error: unknown): SubgraphErrorBody {
  const { message, path, extensions } = isTreeObject(error) ? error : { message: error };
  return {
    message: typeof message === 'string' ? message : 'The subgraph gave no message',
    path: Array.isArray(path) && path.every(isPathKey) ? path : undefined,
    extensions: isTreeObject(extensions) ? extensions : undefined,
  };
}

function isPathKey(key: unknown): key is string | number {
  return typeof key === 'string' || typeof key === 'number';
}
