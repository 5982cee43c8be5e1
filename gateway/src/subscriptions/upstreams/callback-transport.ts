import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import { isTreeObject } from '../../execution/result-tree.js';
import type { HttpStreamOptions } from './event-stream-transport.js';
import { post } from './post.js';
import { readPlainAnswer } from './read-answer.js';
import type { OpenStream, StreamAttempt, StreamListener, StreamTransport } from './stream-transport.js';

/** How subgraphs that call back are asked. */
export interface CallbackTransportOptions extends HttpStreamOptions {
  /** Where subgraphs reach this very process: the path of {@link CallbackTransport.receive} is below it. */
  readonly callbackUrl: string;
  /** How often a subgraph has to show that it is there; one that has not for twice as long counts as lost. */
  readonly heartbeatIntervalMs: number;
}

/** Streams whose events subgraphs send by requests of their own. */
export interface CallbackTransport extends StreamTransport {
  isOpen(id: string): boolean;
  /**
   * Takes what a subgraph says.
   *
   * @param id of the stream, as it stands in the path
   * @returns an HTTP status: 404 tells the subgraph to stop
   */
  receive(id: string, body: unknown): number;
}

interface CalledStream {
  readonly listener: StreamListener;
  readonly verifier: Buffer;
  readonly timer: NodeJS.Timeout;
  isAccepted: boolean;
  readonly leaving: AbortController;
}

const accept = 'application/json;callbackSpec=1.0, application/json';

/** Apollo's HTTP callback protocol 1.0: a subgraph is told where to send `check`, `next` and `complete`. */
export function createCallbackTransport(options: CallbackTransportOptions): CallbackTransport {
  const { heartbeatIntervalMs, callbackUrl } = options;
  const streams = new Map<string, CalledStream>();

  const end = (id: string): StreamListener | undefined => {
    const stream = streams.get(id);
    streams.delete(id);
    clearTimeout(stream?.timer);
    stream?.leaving.abort();
    return stream?.listener;
  };
  const lose = (id: string, cause: Error): void => end(id)?.lost({ cause, isInstanceFault: true });

  const ask = async (id: string, attempt: StreamAttempt, verifier: string, signal: AbortSignal): Promise<void> => {
    const subscription = { callbackUrl: `${callbackUrl}/${id}`, subscriptionId: id, verifier, heartbeatIntervalMs };
    const answer = await send(attempt, subscription, options, signal);
    if (answer.kind === 'loss') end(id)?.lost(answer.loss);
    else if (answer.kind === 'refusal') end(id)?.refused(answer.errors);
    else if (answer.result.errors !== undefined) end(id)?.refused(answer.result.errors);
  };

  return {
    open(attempt, listener): OpenStream {
      const id = randomUUID();
      const verifier = randomBytes(24).toString('base64url');
      const leaving = new AbortController();
      const timer = setTimeout(
        () => lose(id, new Error('The subgraph has not shown in time that it is there')),
        2 * heartbeatIntervalMs,
      );
      timer.unref();
      streams.set(id, { listener, verifier: Buffer.from(verifier), timer, isAccepted: false, leaving });
      ask(id, attempt, verifier, leaving.signal).catch((error: unknown) => {
        lose(id, error instanceof Error ? error : new Error(String(error)));
      });
      return { close: () => void end(id) };
    },
    close() {
      for (const id of [...streams.keys()]) end(id);
    },
    isOpen: (id) => streams.has(id),
    receive(id, body) {
      const stream = streams.get(id);
      if (stream === undefined) return 404;
      if (!isTreeObject(body) || body['kind'] !== 'subscription' || body['id'] !== id) return 400;
      if (!isVerified(stream.verifier, body['verifier'])) return 401;
      stream.timer.refresh();
      if (!stream.isAccepted) {
        stream.isAccepted = true;
        stream.listener.accepted();
      }
      const { action, payload, errors } = body;
      if (action === 'check') return 204;
      if (action === 'next' && isTreeObject(payload)) {
        stream.listener.event(payload as FormattedExecutionResult);
        return 200;
      }
      if (action !== 'complete') return 400;
      const listener = end(id);
      if (Array.isArray(errors) && errors.length > 0) listener?.refused(errors as GraphQLFormattedError[]);
      else listener?.completed();
      return 202;
    },
  };
}

async function send(
  { subgraph, url, payload, context }: StreamAttempt,
  subscription: object,
  { signer, connectTimeoutMs, maxEventBytes }: CallbackTransportOptions,
  signal: AbortSignal,
) {
  const { query, operationName, variables, extensions } = payload;
  const body = JSON.stringify({ query, operationName, variables, extensions: { ...extensions, subscription } });
  const signature = signer.sign?.({ subgraph, method: 'POST', url, body }, context);
  const headers = { ...signer.headers(context), ...signature, accept };
  const response = await post({ url, headers, body, timeoutMs: connectTimeoutMs, signal });
  return readPlainAnswer(response, { maxBytes: maxEventBytes, timeoutMs: connectTimeoutMs });
}

function isVerified(expected: Buffer, given: unknown): boolean {
  const actual = Buffer.from(typeof given === 'string' ? given : '');
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
