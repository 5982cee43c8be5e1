import type { FastifyInstance, FastifyRequest } from 'fastify';
import { withActiveSpan, type TracedSpan, type Tracing } from '../tracing/index.js';

/** Makes each request to a path a span, the parent of its SQL statements and Redis commands. */
export function traceRequests(server: FastifyInstance, path: string, tracing: Tracing | undefined): void {
  if (tracing === undefined) return;
  const spans = new WeakMap<FastifyRequest, TracedSpan>();
  server.addHook('preHandler', (request, _reply, done) => {
    if (request.routeOptions.url !== path) {
      done();
      return;
    }
    const attributes = { 'http.request.method': request.method, 'http.route': path };
    const span = tracing.begin(`${request.method} ${path}`, request.headers['traceparent'], { attributes });
    spans.set(request, span);
    withActiveSpan(span, done);
  });
  server.addHook('onResponse', (request, reply, done) => {
    const span = spans.get(request);
    span?.annotate({ 'http.response.status_code': reply.statusCode });
    if (reply.statusCode >= 500) span?.fail(String(reply.statusCode));
    span?.end();
    done();
  });
}
