export type { FastifyInstance as HttpServer } from 'fastify';
export { startInternalServer } from './internal-server.js';
export { createHttpServer, listen, type HttpServerOptions } from './server.js';
