import type { IncomingHttpHeaders } from 'node:http';
import type { CacheScopeName } from './cache-policy.js';

/** What a subgraph's answer says about being kept (RFC 9111, RFC 5861); what it is silent about is undefined. */
export interface CacheHeaders {
  readonly maxAgeSeconds: number | undefined;
  readonly scope: CacheScopeName | undefined;
  readonly staleSeconds: number | undefined;
  /** Names that the answer can be purged by: `Cache-Tag`, parted by commas, and `Surrogate-Key`, by spaces. */
  readonly tags: readonly string[];
}

type Directives = Pick<CacheHeaders, 'maxAgeSeconds' | 'scope' | 'staleSeconds'>;

/** Headers that tell callers apart: an answer that depends on one of them is nobody else's. */
const identityHeaders: ReadonlySet<string> = new Set(['authorization', 'cookie', 'x-tessera-principal']);

const silence: Directives = { maxAgeSeconds: undefined, scope: undefined, staleSeconds: undefined };
const forbidden: Directives = { maxAgeSeconds: 0, scope: 'private', staleSeconds: 0 };

/** Reads what an answer's headers say about being kept. */
export function readCacheHeaders(headers: IncomingHttpHeaders): CacheHeaders {
  const tags = [...words(headers['cache-tag'], ','), ...words(headers['surrogate-key'], ' ')];
  const said = textOf(headers['cache-control']);
  if (said === undefined) return { ...silence, tags };
  const directives = readDirectives(said);
  const vary = words(headers.vary, ',').map((name) => name.toLowerCase());
  if (vary.includes('*')) return { ...forbidden, tags };
  const { maxAgeSeconds } = directives;
  const ageSeconds = secondsOf(textOf(headers.age)) ?? 0;
  return {
    ...directives,
    maxAgeSeconds: maxAgeSeconds === undefined ? undefined : Math.max(0, maxAgeSeconds - ageSeconds),
    scope: vary.some((name) => identityHeaders.has(name)) ? 'private' : directives.scope,
    tags,
  };
}

function readDirectives(text: string): Directives {
  const directives = new Map(
    text.split(',').map((part): [string, string] => {
      const [name = '', value = ''] = part.split('=');
      return [name.trim().toLowerCase(), value.trim().replace(/^"|"$/g, '')];
    }),
  );
  if (directives.has('no-store') || directives.has('no-cache')) return forbidden;
  // The gateway is a shared cache, for which `s-maxage` is meant where it is there.
  const age = directives.get('s-maxage') ?? directives.get('max-age');
  const mustRevalidate = directives.has('must-revalidate') || directives.has('proxy-revalidate');
  const stale = directives.get('stale-while-revalidate');
  return {
    // A number that cannot be read says that the answer is stale (RFC 9111, 4.2.1).
    maxAgeSeconds: age === undefined ? undefined : (secondsOf(age) ?? 0),
    scope: directives.has('private') ? 'private' : directives.has('public') ? 'public' : undefined,
    staleSeconds: mustRevalidate ? 0 : stale === undefined ? undefined : (secondsOf(stale) ?? 0),
  };
}

function secondsOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function words(value: string | readonly string[] | undefined, separator: string): string[] {
  const text = textOf(value);
  if (text === undefined) return [];
  return text
    .split(separator)
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(', ') : value;
}
