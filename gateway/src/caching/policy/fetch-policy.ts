import type { CacheHeaders } from './cache-headers.js';
import type { CachePolicy } from './cache-policy.js';
import type { FetchHints } from './fetch-hints.js';

/** What holds where nobody says anything about it, and what is never exceeded; seconds. */
export interface PolicyLimits {
  readonly maxAgeSeconds: number;
  /** Where the subgraph's answer does not say. */
  readonly defaultStaleSeconds: number;
  readonly maxStaleSeconds: number;
}

/**
 * For how long and for whom a subgraph's answer is good: what its headers say, restricted by the schema's hints; where the
 * headers are silent, what the hints cover. What only some callers may have is private whoever says what.
 */
export function policyOf(hints: FetchHints, headers: CacheHeaders | undefined, limits: PolicyLimits): CachePolicy {
  const said = headers?.maxAgeSeconds;
  const maxAgeSeconds =
    said === undefined ? hints.strictMaxAgeSeconds : Math.min(said, hints.hintedMaxAgeSeconds ?? said);
  const isPublic =
    headers?.scope === undefined
      ? hints.strictScope === 'public'
      : headers.scope === 'public' && !hints.isHintedPrivate;
  return {
    maxAgeSeconds: Math.min(maxAgeSeconds, limits.maxAgeSeconds),
    scope: isPublic && !hints.isGuarded ? 'public' : 'private',
    staleSeconds: Math.min(headers?.staleSeconds ?? limits.defaultStaleSeconds, limits.maxStaleSeconds),
  };
}
