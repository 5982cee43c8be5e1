import type { IncomingMessage } from 'node:http';
import type { FormattedExecutionResult } from 'graphql';
import { isTreeObject } from '../../execution/result-tree.js';
import { EventStreamParser, type ParsedEvent } from './event-stream-parser.js';
import { post } from './post.js';
import { readPlainAnswer } from './read-answer.js';
import type { StreamSigner } from './sign-stream.js';
import type { OpenStream, StreamAttempt, StreamListener, StreamTransport } from './stream-transport.js';

/** How subgraphs are asked for streams over HTTP. */
export interface HttpStreamOptions {
  readonly signer: StreamSigner;
  /** Until the subgraph has begun to answer. */
  readonly connectTimeoutMs: number;
  readonly maxEventBytes: number;
}

/**
 * Streams as `text/event-stream`, a request for each (graphql-sse's distinct connections mode). An `id:` line is the event's id;
 * a stream that goes on behind an event says so by `Last-Event-ID` too.
 */
export function createEventStreamTransport(options: HttpStreamOptions): StreamTransport {
  return {
    open: (attempt, listener) => open(attempt, listener, options),
    close: () => undefined,
  };
}

function open(attempt: StreamAttempt, listener: StreamListener, options: HttpStreamOptions): OpenStream {
  const leaving = new AbortController();
  const run = async (): Promise<void> => {
    try {
      await listen(attempt, listener, options, leaving.signal);
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      if (!leaving.signal.aborted) listener.lost({ cause, isInstanceFault: true });
    }
  };
  void run();
  return { close: () => leaving.abort() };
}

async function listen(
  { subgraph, url, payload, context }: StreamAttempt,
  listener: StreamListener,
  { signer, connectTimeoutMs, maxEventBytes }: HttpStreamOptions,
  signal: AbortSignal,
): Promise<void> {
  const { query, operationName, variables, extensions } = payload;
  const body = JSON.stringify({ query, operationName, variables, extensions });
  const lastEventId = extensions?.['lastEventId'];
  const headers = {
    ...signer.headers(context),
    ...signer.sign?.({ subgraph, method: 'POST', url, body }, context),
    ...(typeof lastEventId === 'string' && isHeaderValue(lastEventId) && { 'last-event-id': lastEventId }),
    accept: 'text/event-stream',
  };
  const response = await post({ url, headers, body, timeoutMs: connectTimeoutMs, signal });
  const isStream = response.headers['content-type']?.startsWith('text/event-stream') === true;
  if (response.statusCode === 200 && isStream) return readStream(response, listener, maxEventBytes);
  const answer = await readPlainAnswer(response, { maxBytes: maxEventBytes, timeoutMs: connectTimeoutMs });
  if (signal.aborted) return;
  if (answer.kind === 'loss') return listener.lost(answer.loss);
  if (answer.kind === 'refusal') return listener.refused(answer.errors);
  listener.accepted();
  listener.event(answer.result);
  listener.completed();
}

/** @throws Error where the stream breaks, or ends without saying so */
async function readStream(response: IncomingMessage, listener: StreamListener, maxLength: number): Promise<void> {
  listener.accepted();
  const parser = new EventStreamParser(maxLength);
  response.setEncoding('utf8');
  for await (const piece of response as AsyncIterable<string>) {
    for (const event of parser.read(piece)) {
      if (event.type === 'complete') return listener.completed();
      const result = event.type === 'next' ? resultOf(event) : undefined;
      if (result !== undefined) listener.event(result);
    }
  }
  throw new Error('The stream ended without being completed');
}

function resultOf({ data, id }: ParsedEvent): FormattedExecutionResult | undefined {
  const result: unknown = JSON.parse(data);
  if (!isTreeObject(result)) return undefined;
  if (id === undefined || id === '') return result as FormattedExecutionResult;
  const extensions = isTreeObject(result['extensions']) ? result['extensions'] : {};
  return { ...result, extensions: { eventId: id, ...extensions } };
}

function isHeaderValue(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
