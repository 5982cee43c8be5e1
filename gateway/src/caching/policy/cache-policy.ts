/** Whom a kept answer is for: everybody, or its caller alone. */
export type CacheScopeName = 'public' | 'private';

/** For how long, and for whom, something is good. */
export interface CachePolicy {
  /** 0: it is not kept. */
  readonly maxAgeSeconds: number;
  /** `private`: good for who asked alone. */
  readonly scope: CacheScopeName;
  /** How long after that it may still be answered while it is asked for again. */
  readonly staleSeconds: number;
}

/** The policy of what is not kept. */
export const uncacheable: CachePolicy = { maxAgeSeconds: 0, scope: 'private', staleSeconds: 0 };

/** The policy of what is made of both: the most restrictive wins. */
export function restrict(one: CachePolicy | undefined, other: CachePolicy): CachePolicy {
  if (one === undefined) return other;
  return {
    maxAgeSeconds: Math.min(one.maxAgeSeconds, other.maxAgeSeconds),
    scope: one.scope === 'private' ? 'private' : other.scope,
    staleSeconds: Math.min(one.staleSeconds, other.staleSeconds),
  };
}
