import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { AppError } from '@tessera/service/errors';
import type { Logger } from '@tessera/service/logging';
import { requestIdFrom } from '@tessera/service/tracing';
import type { Caller } from '../../context.js';
import { answerErrors } from '../format-error.js';
import { findHeaderFault } from '../header-limits.js';
import { parseOperationRequest } from '../operation-request.js';
import { sessionModeHeader } from '../session-cookies.js';
import { eventStream } from '../streams/server-sent-events.js';
import { assertContentType } from './assert-acceptable.js';
import { DirectResponse } from './direct-response.js';
import { HttpFault } from './http-fault.js';
import { replyOnce, replyToFault, replyWith, type HttpReply } from './http-reply.js';
import type { Acceptance, negotiate, ResponseMediaType } from './negotiate.js';
import { parseJsonBody } from './parse-json-body.js';
import { HeadWriter } from './plain/head-writer.js';
import { PlainAnswer } from './plain/plain-answer.js';
import { PlainPosts } from './plain/plain-posts.js';
import type { PlainPost, PostConnection } from './plain/post-connection.js';
import type { PostAnswer, PostAnswerOptions } from './post-answer.js';
import { prepareIncoming, type Incoming, type IncomingServing, type PreparedIncoming } from './prepare-incoming.js';
import { readBody } from './read-body.js';
import { RefusalReplies } from './refusal-replies.js';
import type { RepeatedRequests } from './repeated-requests.js';
import { watchRequest, type WatchedSignal } from './request-signal.js';
import { stepBefore } from './step-before.js';

/** Throws for who is to be sent away before the body is read. */
export type PassDoor = (message: PostMessage, setResponseHeader: (name: string, value: string) => void) => void;

/** A request, as far as this way looks at it. */
export type PostMessage = Pick<IncomingMessage, 'method' | 'headers' | 'socket'>;

export interface DirectPostsOptions extends IncomingServing, PostAnswerOptions {
  readonly path: string;
  readonly negotiate: typeof negotiate;
  readonly maxHeaders: number;
  readonly maxBodyBytes: number;
  /** Absent where nobody is sent away. */
  readonly passDoor: PassDoor | undefined;
  readonly logger: Logger;
  /** Absent where requests that come again go the whole way again. */
  readonly repeats: RepeatedRequests | undefined;
}

/** What a plain request accepts: one answer, all at once. */
type PlainAcceptance = Acceptance & { readonly single: ResponseMediaType };

/**
 * A shorter way for what nearly every request is: a POST of one operation, whose body says how long it is and comes as it
 * is, for one answer in JSON. It goes past Fastify, which costs as much as the rooms behind; its guards and its answers are those of
 * the whole way. All other requests go there, and so does what cannot be read, which is told there why.
 */
export class DirectPosts {
  readonly #options: DirectPostsOptions;
  readonly #refusals = new RefusalReplies();
  /** Bodies that were read already of requests that go the whole way. */
  readonly #bodies = new WeakMap<IncomingMessage, Buffer>();

  constructor(options: DirectPostsOptions) {
    this.#options = options;
  }

  /**
   * Puts itself before who serves requests now.
   *
   * @returns the connections that it reads itself; undefined where Node reads all
   */
  stepBefore(server: Server): PlainPosts | undefined {
    stepBefore(server, (message, response, goOn) => {
      const acceptance = this.#acceptanceOf(message);
      if (acceptance === undefined) goOn();
      else this.#take(message, response, acceptance, goOn);
    });
    const { path, maxHeaders, repeats } = this.#options;
    // What is known of requests that come again is known by what Node tells of them.
    if (repeats !== undefined) return undefined;
    const heads = new HeadWriter({ ...this.#options, keepAliveSeconds: Math.floor(server.keepAliveTimeout / 1_000) });
    const options = { ...this.#options, heads };
    const serve = (post: PlainPost, connection: PostConnection): void => {
      const requestId = requestIdFrom(post.headers['x-request-id']);
      this.#takePlain(post, connection, new PlainAnswer(connection, post.headers.origin, requestId, options));
    };
    return new PlainPosts(server, { path, maxHeaders, serve });
  }

  /** The body of a request on the whole way, where it was read before. */
  bodyOf(message: IncomingMessage): Buffer | undefined {
    return this.#bodies.get(message);
  }

  /** @returns undefined for what is not plain */
  #acceptanceOf(message: IncomingMessage): PlainAcceptance | undefined {
    const { path, maxHeaders } = this.#options;
    if (message.method !== 'POST' || message.url !== path) return undefined;
    if (findHeaderFault(message, maxHeaders) !== undefined) return undefined;
    return this.#acceptanceBy(message.headers);
  }

  #acceptanceBy(headers: IncomingMessage['headers']): PlainAcceptance | undefined {
    const { maxBodyBytes, negotiate: negotiateOf } = this.#options;
    if (!(Number(headers['content-length']) <= maxBodyBytes)) return undefined;
    const isOfStream = headers['x-graphql-event-stream-token'] !== undefined;
    // Cookies are looked at on the whole way.
    if (headers[sessionModeHeader] !== undefined) return undefined;
    if (isOfStream || headers['content-encoding'] !== undefined || headers.upgrade !== undefined) return undefined;
    try {
      assertContentType('POST', headers);
      const acceptance = negotiateOf(headers.accept);
      return isPlain(acceptance) ? acceptance : undefined;
    } catch {
      return undefined;
    }
  }

  /** A request whose connection is read here. */
  #takePlain(post: PlainPost, connection: PostConnection, answer: PostAnswer): void {
    const acceptance = this.#acceptanceBy(post.headers);
    if (acceptance === undefined) return connection.handOver();
    if (!this.#passesDoor(post, answer, acceptance)) return;
    const parameters = readParameters(post.body.toString('utf8'));
    if (parameters === undefined) connection.handOver();
    else void this.#serve(post, answer, acceptance, parameters);
  }

  /** A request that Node has read. */
  #take(message: IncomingMessage, response: ServerResponse, acceptance: PlainAcceptance, goOn: () => void): void {
    const requestId = requestIdFrom(message.headers['x-request-id']);
    const direct = new DirectResponse(message, response, requestId, this.#options);
    if (!this.#passesDoor(message, direct, acceptance)) return;
    readBody(message, (body) => {
      const text = body.toString('utf8');
      const { repeats } = this.#options;
      const goAllTheWay = (): void => {
        const parameters = readParameters(text);
        if (parameters === undefined) {
          this.#bodies.set(message, body);
          return goOn();
        }
        const sentHeaders = () => direct.sentHeaders ?? {};
        const listened = { message, body: text, response, sentHeaders, mediaType: acceptance.single };
        const offerRepeatOf = repeats && ((caller: Caller) => repeats.listen(listened, caller));
        void this.#serve(message, direct, acceptance, parameters, offerRepeatOf);
      };
      const known = repeats?.find(message, text);
      if (repeats === undefined || known === undefined) goAllTheWay();
      else void repeats.answer(known, message, response, requestId, goAllTheWay);
    });
  }

  /** @returns false for who was sent away */
  #passesDoor(message: PostMessage, answer: PostAnswer, acceptance: PlainAcceptance): boolean {
    const { passDoor } = this.#options;
    if (passDoor === undefined) return true;
    try {
      passDoor(message, (name, value) => answer.setHeader(name, value));
      return true;
    } catch (error) {
      answer.send(this.#replyAtDoor(error, message, answer.requestId, acceptance));
      return false;
    }
  }

  /** Never rejects. */
  async #serve(
    message: PostMessage,
    answer: PostAnswer,
    acceptance: PlainAcceptance,
    parameters: object,
    offerRepeatOf?: Incoming['offerRepeatOf'],
  ): Promise<void> {
    const { requestId } = answer;
    let operation;
    try {
      operation = parseOperationRequest(parameters);
    } catch (error) {
      return answer.send(this.#replyToFault(error, message, requestId));
    }
    const watched = watchRequest(answer.departure, this.#options.requestTimeoutMs);
    const { signal } = watched;
    const setResponseHeader = (name: string, value: string): void => answer.setHeader(name, value);
    const incoming = { operation, message, requestId, acceptance, signal, setResponseHeader, offerRepeatOf };
    let prepared;
    try {
      prepared = await prepareIncoming(incoming, this.#options);
    } catch (error) {
      watched.release();
      return answer.send(this.#replyToError(error, message, requestId, acceptance));
    }
    await this.#run(prepared, watched, message, answer, acceptance);
  }

  /**
   * Apart from `#serve`: whoever has waited for a turn is among V8's old objects by then, and what an old object has seen stays until
   * the next full collection, also when both are garbage. So what has waited must not see the answer. Never rejects.
   */
  async #run(
    { ready, context }: PreparedIncoming,
    watched: WatchedSignal,
    message: PostMessage,
    answer: PostAnswer,
    acceptance: PlainAcceptance,
  ): Promise<void> {
    let reply: HttpReply;
    try {
      reply = replyWith(await ready.run(context), acceptance.single, message);
    } catch (error) {
      reply = this.#replyToError(error, message, answer.requestId, acceptance);
    }
    watched.release();
    answer.send(reply);
  }

  #replyToError(error: unknown, message: PostMessage, requestId: string, { fault }: PlainAcceptance): HttpReply {
    if (error instanceof HttpFault) return this.#replyToFault(error, message, requestId);
    return replyOnce({ errors: answerErrors(error, requestId, this.#options.logger) }, fault);
  }

  #replyAtDoor(error: unknown, message: PostMessage, requestId: string, { fault }: PlainAcceptance): HttpReply {
    if (!(error instanceof AppError) || error.code !== 'OVERLOADED') {
      return this.#replyToFault(error, message, requestId);
    }
    return this.#refusals.replyTo(error, fault, requestId);
  }

  #replyToFault(error: unknown, { headers }: PostMessage, requestId: string): HttpReply {
    const reply = replyToFault(error, headers.accept, requestId);
    return reply ?? replyOnce({ errors: answerErrors(error, requestId, this.#options.logger) }, 'application/json');
  }
}

function isPlain(acceptance: Acceptance): acceptance is PlainAcceptance {
  const { single, stream, deferred } = acceptance;
  return single !== undefined && single !== eventStream && stream === undefined && deferred === undefined;
}

/** @returns undefined for what is no JSON object */
function readParameters(text: string): object | undefined {
  try {
    const parameters = parseJsonBody(text);
    return typeof parameters === 'object' && parameters !== null && !Array.isArray(parameters) ? parameters : undefined;
  } catch {
    return undefined;
  }
}
