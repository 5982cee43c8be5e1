import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IsAllowedOrigin } from '../origins.js';
import { HttpFault } from './http-fault.js';

export interface CrossOriginOptions {
  readonly isAllowedOrigin: IsAllowedOrigin;
  readonly credentials: boolean;
  /** Request headers that may be set; undefined: those that a browser asks for. */
  readonly headers: readonly string[] | undefined;
  readonly maxAgeSeconds: number;
}

/** What pages may read of an answer's headers, beside what browsers always let them. */
const exposed = 'age, etag, ratelimit, ratelimit-policy, retry-after, x-request-id';

const methods = 'GET, POST, PUT, DELETE';

/** Lets pages of allowed origins ask (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol). */
export function addCrossOrigin(scope: FastifyInstance, options: CrossOriginOptions): void {
  scope.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    const isPreflight = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
    const isAllowed = origin !== undefined && options.isAllowedOrigin(origin);
    if (isAllowed) allow(origin, reply, options);
    if (!isPreflight) return undefined;
    if (!isAllowed) throw new HttpFault(403, 'Pages of this origin may not ask here', {}, 'FORBIDDEN');
    return answerPreflight(request, reply, options);
  });
  // Rooms say by themselves what else their answer depends on.
  scope.addHook('onSend', (_request, reply, payload, done) => {
    const vary = reply.getHeader('vary');
    reply.header('vary', vary === undefined ? 'origin' : `${String(vary)}, origin`);
    done(null, payload);
  });
}

function allow(origin: string, reply: FastifyReply, { credentials }: CrossOriginOptions): void {
  reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': exposed });
  if (credentials) reply.header('access-control-allow-credentials', 'true');
}

function answerPreflight(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  { headers: names, maxAgeSeconds }: CrossOriginOptions,
): FastifyReply {
  const asked = headers['access-control-request-headers'];
  const allowed = names?.join(', ') ?? (typeof asked === 'string' ? asked : '');
  if (allowed !== '') reply.header('access-control-allow-headers', allowed);
  return reply
    .code(204)
    .headers({
      'access-control-allow-methods': methods,
      'access-control-max-age': String(maxAgeSeconds),
      vary: 'access-control-request-headers',
    })
    .send();
}
