import type { AddressInfo } from 'node:net';
import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { AppError, errorExtensions, fromContention, toAppError } from '../errors/index.js';
import type { Health } from '../health/index.js';
import type { Lifecycle } from '../lifecycle/index.js';
import type { Metrics } from '../metrics/index.js';
import type { Logger } from '../logging/index.js';
import { requestIdFrom } from '../tracing/index.js';
import { prepareBacklog } from './accept-backlog.js';
import { answerClientError } from './answer-client-error.js';
import { listenWithSockets, prepareAcceptors } from './acceptors.js';
import { closePolitely } from './close-politely.js';
import { lingerAtClose } from './linger-at-close.js';
import { warnOfSignature } from './warn-of-signature.js';
import { createRequestMetrics, type RequestMetrics } from './request-metrics.js';

export interface HttpServerOptions {
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly health: Health;
  readonly metrics: Metrics;
  /** Default: made of `metrics`. */
  readonly requestMetrics?: RequestMetrics | undefined;
  readonly maxBodyBytes: number;
}

/**
 * Creates the HTTP server that every service has: probes, request ids, request metrics, JSON errors with a code.
 * Routes are added by the caller; {@link listen} opens the port.
 */
export function createHttpServer({
  logger,
  lifecycle,
  health,
  metrics,
  requestMetrics = createRequestMetrics(metrics),
  maxBodyBytes,
}: HttpServerOptions): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = logger;
  const server = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: maxBodyBytes,
    genReqId: (request) => requestIdFrom(request.headers['x-request-id']),
    // A keep-alive connection must outlive the load balancer's idea of it, or the balancer writes into a closed socket.
    keepAliveTimeout: 65_000,
    // A body that drips in for longer than this is an attack, not a slow phone.
    requestTimeout: 60_000,
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    forceCloseConnections: 'idle',
  });
  // A logger for each request would serialise and redact its id each time; lines name their request themselves.
  server.setChildLoggerFactory((parent) => parent);
  addProbes(server, health);
  observeRequests(server, requestMetrics);
  answerErrors(server);
  prepareAcceptors(server);
  lingerAtClose(server.server);
  prepareBacklog(server);
  closePolitely(server, lifecycle);
  return server;
}

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** How many sockets listen, so that so many connections are accepted in one turn of the event loop. Default 1. */
  readonly sockets?: number;
}

/** Opens the port, registers the closing, and returns the port that was really taken (for port 0). */
export async function listen(
  server: FastifyInstance,
  lifecycle: Lifecycle,
  { host, port, sockets = 1 }: ListenAddress,
): Promise<number> {
  lifecycle.defer('http server', () => server.close());
  await listenWithSockets(server, { host, port }, sockets);
  return (server.server.address() as AddressInfo).port;
}

function addProbes(server: FastifyInstance, health: Health): void {
  server.get('/health', async () => ({ status: 'ok' }));
  server.get('/ready', async (_request, reply) => {
    const readiness = await health.readiness();
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
}

function observeRequests(server: FastifyInstance, requestMetrics: RequestMetrics): void {
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    const seconds = goesOn(reply.getHeader('content-type')) ? undefined : reply.elapsedTime / 1_000;
    requestMetrics.observe(request.method, reply.statusCode, seconds);
    done();
  });
}

/** Whether an answer is a stream: how long somebody listened says nothing about how fast they were answered. */
function goesOn(contentType: unknown): boolean {
  return typeof contentType === 'string' && /^(?:text\/event-stream|multipart\/mixed)/.test(contentType);
}

function answerErrors(server: FastifyInstance): void {
  server.setNotFoundHandler((request, reply) => {
    const error = new AppError('NOT_FOUND', 'Nothing is served at this path by this method: GraphQL is POST /graphql');
    void reply.code(404).send({ errors: [{ message: error.message, extensions: errorExtensions(error, request.id) }] });
  });
  server.setErrorHandler((thrown, request, reply) => {
    const error = fromHttpFault(thrown);
    if (error.code === 'INTERNAL_SERVER_ERROR')
      request.log.error({ err: thrown, requestId: request.id }, 'request failed');
    warnOfSignature(request.log, error, { requestId: request.id, path: request.url });
    void reply
      .code(error.traits.httpStatus)
      .headers(error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) })
      .send({ errors: [{ message: error.message, extensions: errorExtensions(error, request.id) }] });
  });
}

/** Fastify's own faults carry a status; the rest is ours, the database's or unknown. */
function fromHttpFault(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const { statusCode, message } = thrown as { readonly statusCode?: number; readonly message?: string };
  if (statusCode === 413) return new AppError('OPERATION_TOO_LARGE', 'The body is larger than this server accepts');
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new AppError('BAD_USER_INPUT', message ?? 'The request is not valid', { cause: thrown });
  }
  return fromContention(thrown) ?? toAppError(thrown);
}
