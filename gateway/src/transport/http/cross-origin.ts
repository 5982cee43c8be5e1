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
    const allowance = origin === undefined ? undefined : allowanceOf(origin, options);
    if (allowance !== undefined) reply.headers(allowance);
    if (!isPreflight) return undefined;
    if (allowance === undefined) throw new HttpFault(403, 'Pages of this origin may not ask here', {}, 'FORBIDDEN');
    return answerPreflight(request, reply, options);
  });
  // Rooms say by themselves what else their answer depends on.
  scope.addHook('onSend', (_request, reply, payload, done) => {
    reply.header('vary', varyByOrigin(reply.getHeader('vary')));
    done(null, payload);
  });
}

/** What lets a page of an origin read an answer; undefined where it may not. */
export function allowanceOf(
  origin: string,
  { isAllowedOrigin, credentials }: CrossOriginOptions,
): Readonly<Record<string, string>> | undefined {
  if (!isAllowedOrigin(origin)) return undefined;
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': exposed,
    ...(credentials && { 'access-control-allow-credentials': 'true' }),
  };
}

/** `Vary` of an answer that may come with such an allowance. */
export function varyByOrigin(vary: unknown): string {
  return vary === undefined ? 'origin' : `${String(vary)}, origin`;
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
