import type { IncomingMessage } from 'node:http';

/** Whether pages of an origin may ask this gateway. */
export type IsAllowedOrigin = (origin: string) => boolean;

/**
 * Creates the check of origins (RFC 6454) against exact ones and patterns: `https://*.example.com` is any host below
 * example.com, `http://localhost:*` any port of it, `*` anything.
 *
 * @param patterns in small letters
 */
export function createOriginCheck(patterns: readonly string[]): IsAllowedOrigin {
  if (patterns.includes('*')) return () => true;
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const wild = patterns.filter((pattern) => pattern.includes('*')).map(compile);
  return (origin) => exact.has(origin) || wild.some((pattern) => pattern.test(origin));
}

function compile(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace('//*\\.', '//(?:[a-z0-9-]{1,63}\\.){1,20}')
    .replace(/:\*$/, ':\\d{1,5}');
  return new RegExp(`^${source}$`);
}

/**
 * Whether a WebSocket's upgrade may be done: browsers let any page open one, and send along what they keep for this host
 * (cross-site WebSocket hijacking). Who is no browser sends no `Origin`.
 */
export function isAllowedUpgrade({ headers }: IncomingMessage, isAllowed: IsAllowedOrigin): boolean {
  const { origin, host } = headers;
  return origin === undefined || isAllowed(origin) || (URL.canParse(origin) && new URL(origin).host === host);
}
