import type { IncomingMessage } from 'node:http';
import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import { isTreeObject } from '../../execution/result-tree.js';
import { readWhole } from './post.js';
import type { StreamLoss } from './stream-transport.js';

/** An answer over HTTP that is no stream. */
export type PlainAnswer =
  | { readonly kind: 'result'; readonly result: FormattedExecutionResult }
  | { readonly kind: 'refusal'; readonly errors: readonly GraphQLFormattedError[] }
  | { readonly kind: 'loss'; readonly loss: StreamLoss };

/** Refusals by an instance that may pass, or that another instance may not share. */
const passing: ReadonlySet<number> = new Set([408, 425, 429]);

/** Reads why a subgraph opens no stream, or its one and only answer. */
export async function readPlainAnswer(
  response: IncomingMessage,
  limits: { readonly maxBytes: number; readonly timeoutMs: number },
): Promise<PlainAnswer> {
  const { statusCode: status = 0 } = response;
  const text = await readWhole(response, limits.maxBytes, limits.timeoutMs);
  const body = parse(text);
  const errors = isTreeObject(body) && Array.isArray(body['errors']) ? (body['errors'] as GraphQLFormattedError[]) : [];
  const isAnswer = isTreeObject(body) && 'data' in body;
  if (status >= 500 || passing.has(status) || (!isAnswer && errors.length === 0)) {
    const cause = new Error(`The subgraph answered with status ${status}`);
    return { kind: 'loss', loss: { cause, isInstanceFault: status >= 500 || status < 400 } };
  }
  if (isAnswer && status < 300) return { kind: 'result', result: body as FormattedExecutionResult };
  return { kind: 'refusal', errors };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
