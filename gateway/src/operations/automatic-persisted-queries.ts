import type { Cache } from '@tessera/service/cache';
import { AppError } from '@tessera/service/errors';
import { hashOf, type DocumentStore, type StoredDocument } from './document-store.js';

export interface AutomaticPersistedQueriesOptions {
  readonly store: DocumentStore;
  /** Shared by all gateways, so that a query registered at one is known to the others. */
  readonly cache: Cache;
  readonly ttlSeconds: number;
  readonly isEnabled: boolean;
}

/**
 * Queries that clients register themselves by sending hash and text together
 * (https://www.apollographql.com/docs/apollo-server/performance/apq).
 */
export interface AutomaticPersistedQueries {
  /** @throws AppError `PERSISTED_QUERY_NOT_FOUND`; `PERSISTED_QUERY_NOT_SUPPORTED` where nothing is registered so */
  find(hash: string): Promise<string>;
  /** What this gateway has parsed already, without a question to anybody. */
  findHere(hash: string): StoredDocument | undefined;
  /** Never rejects: what cannot be kept is asked for again. */
  register(hash: string, text: string): Promise<void>;
}

/** Creates the automatic persisted queries of one schema; their texts are shared with all. */
export function createAutomaticPersistedQueries(options: AutomaticPersistedQueriesOptions): AutomaticPersistedQueries {
  const { store, cache, ttlSeconds, isEnabled } = options;
  const keyOf = (hash: string): string => `gateway:apq:${hash}`;
  return {
    findHere: (hash) => (isEnabled ? store.find(hash) : undefined),
    async find(hash) {
      // Apollo's clients look for exactly these two messages.
      if (!isEnabled) throw new AppError('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported');
      const known = store.find(hash);
      if (known !== undefined) return known.source;
      const text = await cache.get(keyOf(hash));
      // A cache is not trusted: a text that is not the one that was asked for counts as none.
      if (text !== undefined && hashOf(text) === hash) return text;
      throw new AppError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
    },
    async register(hash, text) {
      if (isEnabled) await cache.set(keyOf(hash), text, { ttlSeconds });
    },
  };
}
