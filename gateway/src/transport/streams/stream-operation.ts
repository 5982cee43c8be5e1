import type { FastifyReply } from 'fastify';
import type { FormattedExecutionResult } from 'graphql';
import type { Caller, RequestContext } from '../../context.js';
import { answerErrors } from '../format-error.js';
import type { LiveConnections } from '../live-connections.js';
import type { AnswerStream, ReadyOperation } from '../operation-handler.js';
import { HttpStream } from './http-stream.js';
import { serverSentEvents } from './server-sent-events.js';
import type { StreamFormat } from './stream-format.js';

/** Whose stream it is, and where open streams are kept. */
export interface StreamGround {
  readonly caller: Caller;
  readonly connections: LiveConnections;
  /** 0: never. */
  readonly heartbeatMs: number;
}

/**
 * Answers with the events of a subscription, until it or the client ends.
 *
 * @throws AppError for a subscription that cannot begin, and where there is no room for another connection
 */
export function streamSubscription(
  reply: FastifyReply,
  ready: ReadyOperation,
  context: RequestContext,
  format: StreamFormat,
  { caller, connections, heartbeatMs }: StreamGround,
): FastifyReply {
  connections.assertRoom(caller);
  const stream = new HttpStream(caller, format);
  try {
    const events = ready.subscribe({ ...context, signal: stream.over, onFallenBehind: () => stream.cut() });
    connections.add(stream);
    void stream.closed.then(() => events.return());
    void pour(events, stream, format, (error) => answerErrors(error, context.requestId, reply.log));
  } catch (error) {
    stream.cut();
    throw error;
  }
  return stream.open(reply, heartbeatMs);
}

async function pour(
  events: AnswerStream,
  stream: HttpStream,
  format: StreamFormat,
  errorsOf: (error: unknown) => ReturnType<typeof answerErrors>,
): Promise<void> {
  try {
    for await (const event of events) await stream.send(format.next(event));
    stream.end(format.completed);
  } catch (error) {
    if (!stream.isClosed) stream.end(format.failed(errorsOf(error)));
  }
}

/** Answers with one event, for clients that read nothing else. */
export function sendAsEvents(reply: FastifyReply, answer: FormattedExecutionResult): FastifyReply {
  const { contentType, opening, next, completed } = serverSentEvents;
  return reply
    .code(200)
    .headers({ 'content-type': contentType, 'cache-control': 'no-store', vary: 'accept' })
    .header('x-content-type-options', 'nosniff')
    .send(opening + next({ answer }) + completed);
}
