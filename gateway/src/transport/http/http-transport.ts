import { Readable } from 'node:stream';
import { backlogOf, isClosing, type HttpServer, type RequestMetrics } from '@tessera/service/http';
import type { Logger } from '@tessera/service/logging';
import type { FastifyReply } from 'fastify';
import type { ClientSide } from '../request-context.js';
import { assertContentType } from './assert-acceptable.js';
import { addCrossOrigin } from './cross-origin.js';
import { DirectPosts, type PassDoor } from './direct-posts.js';
import { HttpFault } from './http-fault.js';
import { EventChannels, type EventChannelsOptions } from '../streams/event-channels.js';
import { inflateBody } from './inflate-body.js';
import { createNegotiate, prefersHtml } from './negotiate.js';
import { parseJsonBody } from './parse-json-body.js';
import { headerSetter, sendFault } from './send-answer.js';
import { securityHeaders, type SecurityHeadersOptions } from './security-headers.js';
import { channelTokenOf, serveChannel, serveReservation, type ChannelServing } from './serve-channel.js';
import { serveOperation } from './serve-operation.js';

export interface HttpTransportOptions extends Omit<ChannelServing, 'negotiate' | 'channels'>, EventChannelsOptions {
  /** Of a body, both as it comes and inflated. */
  readonly maxBodyBytes: number;
  /** The page for people who open the endpoint in a browser; absent where there is none. */
  readonly servePage: ((reply: FastifyReply) => FastifyReply) | undefined;
  readonly security: SecurityHeadersOptions;
  readonly requestMetrics: RequestMetrics;
  readonly logger: Logger;
  /** Throws for who is to be sent away before the body is read; absent where nobody is. */
  readonly door?:
    ((authorization: string | undefined, client: ClientSide & { readonly waitedMs: number }) => void) | undefined;
}

/** Where operations are served. */
export const graphqlPath = '/graphql';
/** `PUT` and `DELETE` are for single connections of event streams. */
const methods = ['GET', 'POST', 'PUT', 'DELETE'];
const allowed = { allow: methods.join(', ') };

/** Serves GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/), answers that go on included. */
export function addHttpTransport(server: HttpServer, options: HttpTransportOptions): void {
  const { servePage } = options;
  const serving: ChannelServing = { ...options, negotiate: createNegotiate(), channels: new EventChannels(options) };
  const passDoor = createPassDoor(server, options);
  const directPosts = createDirectPosts(server, serving, options, passDoor);
  void server.register(async (scope) => {
    options.repeats?.stepBefore(server.server);
    const plainPosts = directPosts.stepBefore(server.server);
    // Those that Node reads are closed by Fastify.
    if (plainPosts !== undefined) server.addHook('preClose', async () => plainPosts.closeIdle());
    scope.removeAllContentTypeParsers();
    // Neither this nor the hooks are async functions: each would cost every request a promise.
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
      done(null, parseJsonBody(String(body)));
    });
    scope.setErrorHandler((thrown, request, reply) => sendFault(thrown, request, reply));
    if (options.crossOrigin !== undefined) addCrossOrigin(scope, options.crossOrigin);
    scope.addHook('onRequest', (request, reply, done) => {
      if (!methods.includes(request.method)) throw new HttpFault(405, 'GraphQL is served over GET and POST', allowed);
      assertContentType(request.method, request.headers);
      passDoor?.(request.raw, headerSetter(reply));
      done();
    });
    scope.addHook('preParsing', (request, _reply, payload, done) => {
      const body = directPosts.bodyOf(request.raw);
      if (body !== undefined) return done(null, Readable.from([body], { objectMode: false }));
      const encoding = request.headers['content-encoding'];
      if (encoding === undefined) return done(null, payload);
      inflateBody(payload, encoding, options.maxBodyBytes).then((body) => done(null, body), done);
    });
    scope.all(graphqlPath, async (request, reply) => {
      if (request.method === 'GET' && servePage !== undefined && prefersHtml(request.headers.accept)) {
        return servePage(reply);
      }
      if (request.method === 'PUT') return serveReservation(request, reply, serving);
      const token = channelTokenOf(request);
      if (token !== undefined) return serveChannel(request, reply, token, serving);
      if (request.method === 'DELETE') throw new HttpFault(404, 'The token of a stream is missing', {}, 'NOT_FOUND');
      return serveOperation(request, reply, serving);
    });
  });
}

/** Sends requests away that need not be read. @returns undefined where nobody is sent away */
function createPassDoor(server: HttpServer, { door, clientAddressOf }: HttpTransportOptions): PassDoor | undefined {
  if (door === undefined) return undefined;
  const backlog = backlogOf(server);
  return (message, setResponseHeader) => {
    const waitedMs = backlog.takeWaitedMs(message.socket);
    door(message.headers.authorization, { clientAddress: clientAddressOf(message), setResponseHeader, waitedMs });
  };
}

/** For requests that do not need Fastify. */
function createDirectPosts(
  server: HttpServer,
  serving: ChannelServing,
  { security, requestMetrics, logger, maxBodyBytes }: HttpTransportOptions,
  passDoor: PassDoor | undefined,
): DirectPosts {
  return new DirectPosts({
    ...serving,
    path: graphqlPath,
    maxBodyBytes,
    maxHeaders: security.maxHeaders,
    passDoor,
    securityHeaders: securityHeaders(security),
    requestMetrics,
    isClosing: () => isClosing(server),
    logger,
  });
}
