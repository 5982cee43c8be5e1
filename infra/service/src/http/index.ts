export { backlogOf, type AcceptBacklog } from './accept-backlog.js';
export type { FastifyInstance as HttpServer } from 'fastify';
export { createClientAddresses, isNetwork, type ClientAddressOf } from './client-address.js';
export { isClosing } from './close-politely.js';
export { startInternalServer } from './internal-server.js';
export { createRequestMetrics, type RequestMetrics } from './request-metrics.js';
export { createHttpServer, listen, type HttpServerOptions } from './server.js';
export { writeMessage } from './write-message.js';
