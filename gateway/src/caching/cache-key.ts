import { hash } from 'node:crypto';
import type { RequestContext } from '../context.js';
import type { CacheScopeName } from './policy/cache-policy.js';

const noHeaders: Readonly<Record<string, string>> = {};

/**
 * Who may be answered with an entry. There is no other way to one than from the request of the caller, and no key without
 * one: so no code, however mistaken, finds under one caller's key what belongs to another.
 */
export class CacheScope {
  /** Makes the type nominal: what only looks like a scope is none. */
  readonly #text: string;
  readonly name: CacheScopeName;

  private constructor(name: CacheScopeName, text: string) {
    this.name = name;
    this.#text = text;
  }

  static of(name: CacheScopeName, context: RequestContext): CacheScope {
    return name === 'public' ? CacheScope.#public(context) : CacheScope.#private(context);
  }

  /** Everybody whose subgraphs get the same headers; who it is does not count. */
  static #public({ forwardedHeaders = noHeaders }: RequestContext): CacheScope {
    const headers = Object.entries(forwardedHeaders).filter(([name]) => name !== 'authorization');
    return new CacheScope('public', JSON.stringify(headers));
  }

  /** Those whom subgraphs cannot tell apart: one principal (person, session, tenant, roles, scopes), the same headers. */
  static #private({ encodedPrincipal, forwardedHeaders = noHeaders }: RequestContext): CacheScope {
    // Headers may hold a token, which no memory should keep longer than its request.
    return new CacheScope('private', hash('sha256', JSON.stringify([encodedPrincipal, forwardedHeaders]), 'base64url'));
  }

  /** The only source of keys' texts. */
  static textOf(scope: CacheScope): string {
    return `${scope.name}\n${scope.#text}`;
  }
}

/** Under what an entry is kept: whose it is, and everything else that can change it. */
export class CacheKey {
  readonly scope: CacheScopeName;
  readonly #text: string;
  #digest: string | undefined;

  private constructor(scope: CacheScopeName, text: string) {
    this.scope = scope;
    this.#text = text;
  }

  /** @param parts each a text without line breaks, but for the last one */
  static of(scope: CacheScope, ...parts: readonly string[]): CacheKey {
    return new CacheKey(scope.name, `${CacheScope.textOf(scope)}\n${parts.join('\n')}`);
  }

  /** For a memory of this process. */
  get text(): string {
    return this.#text;
  }

  /** For a store outside of it. */
  get digest(): string {
    return (this.#digest ??= hash('sha256', this.#text, 'base64url'));
  }
}

/** Whoever a private scope tells apart, less the session: what this caller has changed, all sessions of theirs see. */
export function callerOf({ principal, encodedPrincipal, forwardedHeaders }: RequestContext): string {
  const identity = principal.userId ?? JSON.stringify([encodedPrincipal, forwardedHeaders?.['authorization']]);
  return hash('sha256', identity, 'base64url');
}
