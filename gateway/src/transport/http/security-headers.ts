import type { FastifyInstance } from 'fastify';
import { findHeaderFault } from '../header-limits.js';
import { HttpFault } from './http-fault.js';

export interface SecurityHeadersOptions {
  /** 0: `Strict-Transport-Security` is not sent. */
  readonly hstsMaxAgeSeconds: number;
  readonly maxHeaders: number;
}

/** An answer is data: nobody may show it in a frame, run it, or guess its type. Pages say what they need instead. */
const forEverything = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

/** What every answer says to browsers. */
export function securityHeaders({ hstsMaxAgeSeconds }: SecurityHeadersOptions): Readonly<Record<string, string>> {
  if (hstsMaxAgeSeconds === 0) return forEverything;
  return { ...forEverything, 'strict-transport-security': `max-age=${hstsMaxAgeSeconds}; includeSubDomains` };
}

/** Guards the headers of all requests, and adds those to all answers that make browsers careful. */
export function addSecurityHeaders(server: FastifyInstance, options: SecurityHeadersOptions): void {
  const { maxHeaders } = options;
  const headers = securityHeaders(options);
  server.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers);
    const fault = findHeaderFault(request.raw, maxHeaders);
    if (fault === undefined) return done();
    const code = fault.status === 431 ? 'OPERATION_TOO_LARGE' : 'BAD_USER_INPUT';
    done(new HttpFault(fault.status, fault.message, {}, code));
  });
}
