import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { AppError } from '@tessera/service/errors';
import type { Logger } from '@tessera/service/logging';
import { requestIdFrom } from '@tessera/service/tracing';
import type { Caller } from '../../context.js';
import { answerErrors } from '../format-error.js';
import { findHeaderFault } from '../header-limits.js';
import { parseOperationRequest } from '../operation-request.js';
import { eventStream } from '../streams/server-sent-events.js';
import { assertContentType } from './assert-acceptable.js';
import { DirectResponse, type DirectResponseOptions } from './direct-response.js';
import { HttpFault } from './http-fault.js';
import { replyOnce, replyToFault, replyWith, type HttpReply } from './http-reply.js';
import type { Acceptance, negotiate, ResponseMediaType } from './negotiate.js';
import { parseJsonBody } from './parse-json-body.js';
import { prepareIncoming, type IncomingServing } from './prepare-incoming.js';
import { readBody } from './read-body.js';
import { RefusalReplies } from './refusal-replies.js';
import type { RepeatedRequests } from './repeated-requests.js';
import { watchRequest } from './request-signal.js';
import { stepBefore } from './step-before.js';

/** Throws for who is to be sent away before the body is read. */
export type PassDoor = (message: IncomingMessage, setResponseHeader: (name: string, value: string) => void) => void;

export interface DirectPostsOptions extends IncomingServing, DirectResponseOptions {
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

interface ReadBody {
  readonly text: string;
  readonly parameters: object;
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

  /** Puts itself before who serves requests now. */
  stepBefore(server: Server): void {
    stepBefore(server, (message, response, goOn) => {
      const acceptance = this.#acceptanceOf(message);
      if (acceptance === undefined) goOn();
      else this.#take(message, response, acceptance, goOn);
    });
  }

  /** The body of a request on the whole way, where it was read before. */
  bodyOf(message: IncomingMessage): Buffer | undefined {
    return this.#bodies.get(message);
  }

  /** @returns undefined for what is not plain */
  #acceptanceOf(message: IncomingMessage): PlainAcceptance | undefined {
    const { path, maxBodyBytes, maxHeaders, negotiate: negotiateOf } = this.#options;
    const { headers } = message;
    if (message.method !== 'POST' || message.url !== path) return undefined;
    if (!(Number(headers['content-length']) <= maxBodyBytes)) return undefined;
    const isOfStream = headers['x-graphql-event-stream-token'] !== undefined;
    if (isOfStream || headers['content-encoding'] !== undefined || headers.upgrade !== undefined) return undefined;
    if (findHeaderFault(message, maxHeaders) !== undefined) return undefined;
    try {
      assertContentType('POST', headers);
      const acceptance = negotiateOf(headers.accept);
      return isPlain(acceptance) ? acceptance : undefined;
    } catch {
      return undefined;
    }
  }

  #take(message: IncomingMessage, response: ServerResponse, acceptance: PlainAcceptance, goOn: () => void): void {
    const requestId = requestIdFrom(message.headers['x-request-id']);
    const direct = new DirectResponse(message, response, requestId, this.#options);
    try {
      this.#options.passDoor?.(message, (name, value) => direct.setHeader(name, value));
    } catch (error) {
      return direct.send(this.#replyAtDoor(error, message, requestId, acceptance));
    }
    readBody(message, (body) => {
      const text = body.toString('utf8');
      const goAllTheWay = (): void => {
        const parameters = readParameters(text);
        if (parameters !== undefined) return void this.#serve(message, direct, acceptance, { text, parameters });
        this.#bodies.set(message, body);
        goOn();
      };
      const { repeats } = this.#options;
      const known = repeats?.find(message, text);
      if (repeats === undefined || known === undefined) goAllTheWay();
      else void repeats.answer(known, message, response, requestId, goAllTheWay);
    });
  }

  async #serve(
    message: IncomingMessage,
    direct: DirectResponse,
    acceptance: PlainAcceptance,
    body: ReadBody,
  ): Promise<void> {
    direct.send(await this.#reply(message, direct, acceptance, body));
  }

  /** Never rejects. */
  async #reply(
    message: IncomingMessage,
    direct: DirectResponse,
    acceptance: PlainAcceptance,
    { text, parameters }: ReadBody,
  ): Promise<HttpReply> {
    const { response, requestId } = direct;
    let operation;
    try {
      operation = parseOperationRequest(parameters);
    } catch (error) {
      return this.#replyToFault(error, message, requestId);
    }
    const watched = watchRequest(response, this.#options.requestTimeoutMs);
    try {
      const { signal } = watched;
      const setResponseHeader = (name: string, value: string): void => direct.setHeader(name, value);
      const incoming = { operation, message, requestId, acceptance, signal, setResponseHeader };
      const { repeats } = this.#options;
      const { single: mediaType } = acceptance;
      const sentHeaders = () => direct.sentHeaders ?? {};
      const listened = { message, body: text, response, sentHeaders, mediaType };
      const offerRepeatOf = repeats && ((caller: Caller) => repeats.listen(listened, caller));
      const { ready, context } = await prepareIncoming({ ...incoming, offerRepeatOf }, this.#options);
      return replyWith(await ready.run(context), acceptance.single, message);
    } catch (error) {
      if (error instanceof HttpFault) return this.#replyToFault(error, message, requestId);
      return replyOnce({ errors: answerErrors(error, requestId, this.#options.logger) }, acceptance.fault);
    } finally {
      watched.release();
    }
  }

  #replyAtDoor(error: unknown, message: IncomingMessage, requestId: string, { fault }: PlainAcceptance): HttpReply {
    if (!(error instanceof AppError) || error.code !== 'OVERLOADED') {
      return this.#replyToFault(error, message, requestId);
    }
    return this.#refusals.replyTo(error, fault, requestId);
  }

  #replyToFault(error: unknown, { headers }: IncomingMessage, requestId: string): HttpReply {
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
