import type { IncomingHttpHeaders } from 'node:http';
import type { IsAllowedOrigin } from '../origins.js';
import { HttpFault } from './http-fault.js';
import { assertContentEncoding } from './inflate-body.js';

/** Strict on purpose: every looseness here was once a way to have a browser send JSON without a preflight. */
const jsonContentType = /^application\/json\s*(;\s*charset=(utf-8|"utf-8")\s*)?$/i;

const preflightHeaders = ['apollo-require-preflight', 'x-apollo-operation-name'] as const;

/**
 * Refuses bodies that are not JSON in UTF-8, plain or in one coding that can be undone.
 *
 * @throws HttpFault 415
 */
export function assertContentType(method: string, headers: IncomingHttpHeaders): void {
  const contentType = headers['content-type'];
  if (contentType === undefined ? method === 'POST' : !jsonContentType.test(contentType.trim())) {
    throw new HttpFault(415, 'Content-Type must be application/json, in UTF-8');
  }
  assertContentEncoding(headers['content-encoding']);
}

/**
 * Refuses what another site may have a browser send without asking us first.
 *
 * A POST is safe already: a browser asks before it sends `application/json`. A GET of another site is told by the marks
 * that browsers leave on it; who leaves none carries no credentials either, and gets what anybody gets.
 *
 * @throws HttpFault 400
 */
export function assertNotForged(
  method: string,
  headers: IncomingHttpHeaders,
  isAllowedOrigin: IsAllowedOrigin = () => false,
): void {
  if (method !== 'GET' || headers['content-type'] !== undefined) return;
  if (preflightHeaders.some((name) => (headers[name] ?? '') !== '')) return;
  // Pages that may read the answer need not be kept from asking.
  if (headers.origin !== undefined && isAllowedOrigin(headers.origin)) return;
  const site = headers['sec-fetch-site'];
  const comesFromAnotherSite =
    site === undefined
      ? headers.origin !== undefined || headers.referer !== undefined || headers.cookie !== undefined
      : site !== 'same-origin' && site !== 'none';
  if (comesFromAnotherSite) {
    throw new HttpFault(
      400,
      `The request could be forged by another site: send Content-Type application/json, or a header ${preflightHeaders.join(' or ')}`,
    );
  }
}
