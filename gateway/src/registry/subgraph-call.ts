import type { IncomingHttpHeaders } from 'node:http';
import { refusedSignatureIn } from '@tessera/service/identity';
import type { RequestContext } from '../context.js';
import { pause, type Cancellation } from '../execution/cancellation.js';
import { parseAnswer } from '../execution/subgraph-answer.js';
import type { SubgraphAnswer, SubgraphOperation } from '../execution/subgraph-client.js';
import type { InstanceAnswer, SubgraphConnections } from '../execution/subgraph-connections.js';
import {
  OversizedAnswer,
  RefusedRequest,
  UnfitRequest,
  isLostConnection,
  isUnsent,
} from '../execution/subgraph-errors.js';
import type { CircuitBreaker, Verdict } from './circuit-breaker.js';
import type { Instance, InstanceSet } from './instance-set.js';
import { retryAfterMs } from './retry-after.js';
import type { RetryBudget } from './retry-budget.js';

/** One subgraph, and what is known about how it is. */
export interface CalledSubgraph {
  readonly name: string;
  readonly instances: InstanceSet;
  readonly circuit: CircuitBreaker;
  readonly budget: RetryBudget;
  readonly timeoutMs: number;
}

/** One request, whoever waits for it. */
export interface SubgraphCall {
  readonly operation: SubgraphOperation;
  readonly body: string;
  readonly context: RequestContext;
  readonly cancellation: Cancellation;
}

export interface CallOptions {
  readonly connections: SubgraphConnections;
  readonly onRetry: (subgraph: string) => void;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** What became of a call; the failure is there as well where the subgraph has said why it does not answer. */
export interface CallResult {
  readonly answer?: SubgraphAnswer;
  /** What stands above the answer. */
  readonly head?: { readonly statusCode: number; readonly headers: IncomingHttpHeaders };
  readonly failure?: FailedAttempt;
}

/**
 * `unsent`: it has not left the gateway; `lost`: nobody knows how far it came; `busy`: turned away (502, 503, 504);
 * `broken`: an answer that is none; `refused`: none either, with a status (4xx) that finds fault with the request; `oversized`: an answer that is not read; `unfit`: what cannot be sent, whoever is asked;
 * `stopped`: ended from here.
 */
export type FailureKind = 'unsent' | 'lost' | 'busy' | 'broken' | 'refused' | 'oversized' | 'unfit' | 'stopped';

export interface FailedAttempt {
  readonly kind: FailureKind;
  readonly cause: unknown;
  readonly retryAfterMs: number;
}

const maxRetries = 1;
const jitterMs = 50;
/** Longer than this nobody is made to wait for a subgraph that has asked for patience. */
const maxPatienceMs = 2_000;
const maxRestMs = 30_000;
const retriedStatuses: ReadonlySet<number> = new Set([502, 503]);
const busyStatuses: ReadonlySet<number> = new Set([...retriedStatuses, 504]);
/** What says something of who was asked, not of what: no such place, too slow, the wrong server. */
const placeStatuses: ReadonlySet<number> = new Set([404, 408, 421]);
const none: readonly Instance[] = [];

/** Asks one instance and, where that does no harm and the budget allows it, one more time. Never rejects. */
export async function callSubgraph(
  subgraph: CalledSubgraph,
  call: SubgraphCall,
  options: CallOptions,
): Promise<CallResult> {
  const { instances, budget } = subgraph;
  const startedAtMs = performance.now();
  const isQuery = call.operation.kind === 'query';
  budget.countRequest(startedAtMs);
  let tried = none;
  for (let retries = 0; ;) {
    const instance = instances.choose(tried, isQuery, performance.now());
    const result = await attempt(subgraph, instance, call, options);
    const { failure } = result;
    if (failure === undefined || call.cancellation.reason !== undefined) return result;
    tried = [...tried, instance];
    const hasOther = instances.hasOther(tried);
    // Who was not reached was not asked: going on to the next one is no retry.
    if (failure.kind === 'unsent' && hasOther) continue;
    const isHarmless = failure.kind === 'unsent' || (isQuery && isRetried(failure));
    const waitMs = options.random() * jitterMs + (hasOther ? 0 : failure.retryAfterMs);
    const isInTime = waitMs < Math.min(maxPatienceMs, subgraph.timeoutMs - (performance.now() - startedAtMs));
    if (!isHarmless || !isInTime || retries === maxRetries || !budget.take(performance.now())) return result;
    retries += 1;
    options.onRetry(subgraph.name);
    try {
      await pause(waitMs, call.cancellation);
    } catch (cause) {
      return { failure: { kind: 'stopped', cause, retryAfterMs: 0 } };
    }
  }
}

async function attempt(
  { instances, timeoutMs }: CalledSubgraph,
  instance: Instance,
  { operation, body, context, cancellation }: SubgraphCall,
  { connections }: CallOptions,
): Promise<CallResult> {
  const startedAtMs = performance.now();
  instance.pending += 1;
  let result: CallResult;
  try {
    result = read(await connections.send(instance.address, { kind: operation.kind, body, context }, cancellation));
  } catch (cause) {
    result = { failure: { kind: kindOf(cause, cancellation), cause, retryAfterMs: 0 } };
  }
  instance.pending -= 1;
  const { failure } = result;
  const nowMs = performance.now();
  const verdict = verdictOf(failure, nowMs - startedAtMs, timeoutMs);
  instances.report(instance, verdict, failure?.kind === 'unsent', nowMs);
  if (failure !== undefined && failure.retryAfterMs > 0) {
    instances.rest(instance, nowMs + Math.min(failure.retryAfterMs, maxRestMs));
  }
  return result;
}

/**
 * @param durationMs how long it took; who leaves in the second half of the time that the subgraph has, or at its end, had
 * reason to
 */
export function verdictOf(failure: FailedAttempt | undefined, durationMs: number, timeoutMs: number): Verdict {
  if (failure === undefined) return 'good';
  if (failure.kind === 'oversized') return 'doubtful';
  // Else one client whose token is not good would have the subgraph taken for broken, and everybody else refused.
  if (failure.kind === 'refused') return isTooMuch(failure.cause) ? 'doubtful' : 'unknown';
  if (failure.kind === 'unfit') return 'unknown';
  if (failure.kind === 'stopped') return durationMs >= timeoutMs / 2 ? 'bad' : 'unknown';
  return 'bad';
}

/** @throws Error for what is not a GraphQL answer, RefusedSignature */
function read({ statusCode, text, retryAfter, newAccessToken, sessionTokens, headers }: InstanceAnswer): CallResult {
  if (busyStatuses.has(statusCode)) {
    const cause = new BusyAnswer(statusCode);
    const failure: FailedAttempt = { kind: 'busy', cause, retryAfterMs: retryAfterMs(retryAfter, Date.now()) };
    try {
      return { failure, answer: parseAnswer(statusCode, text) };
    } catch {
      return { failure };
    }
  }
  const answer = parse(statusCode, text);
  const refused = statusCode === 401 ? refusedSignatureIn(answer) : undefined;
  if (refused !== undefined) throw refused;
  const head = { statusCode, headers };
  if (newAccessToken === undefined && sessionTokens === undefined) return { answer, head };
  const tokens = { ...(newAccessToken && { newAccessToken }), ...(sessionTokens && { sessionTokens }) };
  return { answer: { ...answer, ...tokens }, head };
}

/** @throws RefusedRequest, or what {@link parseAnswer} says */
function parse(statusCode: number, text: string): SubgraphAnswer {
  try {
    return parseAnswer(statusCode, text);
  } catch (cause) {
    const isOfRequest = statusCode >= 400 && statusCode < 500 && !placeStatuses.has(statusCode);
    throw isOfRequest ? new RefusedRequest(statusCode, cause) : cause;
  }
}

function isTooMuch(cause: unknown): boolean {
  return cause instanceof RefusedRequest && cause.statusCode === 429;
}

class BusyAnswer extends Error {
  readonly statusCode: number;

  constructor(statusCode: number) {
    super(`The subgraph turned the request away with status ${statusCode}`);
    this.statusCode = statusCode;
  }
}

function kindOf(cause: unknown, cancellation: Cancellation): FailureKind {
  if (cancellation.reason !== undefined) return 'stopped';
  if (cause instanceof OversizedAnswer) return 'oversized';
  if (cause instanceof UnfitRequest) return 'unfit';
  if (cause instanceof RefusedRequest) return 'refused';
  if (isUnsent(cause)) return 'unsent';
  return isLostConnection(cause) ? 'lost' : 'broken';
}

function isRetried({ kind, cause }: FailedAttempt): boolean {
  return kind === 'lost' || (cause instanceof BusyAnswer && retriedStatuses.has(cause.statusCode));
}
