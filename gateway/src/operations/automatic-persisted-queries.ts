import type { Cache } from '@tessera/service/cache';
import { AppError } from '@tessera/service/errors';
import { LRUCache } from 'lru-cache';
import { hashOf, type DocumentStore, type StoredDocument } from './document-store.js';

export interface AutomaticPersistedQueriesOptions {
  readonly store: DocumentStore;
  /** Shared by all gateways, so that a query registered at one is known to the others. */
  readonly cache: Cache;
  readonly ttlSeconds: number;
  readonly isEnabled: boolean;
  /** How many hashes are known here to be registered. */
  readonly maxDocuments: number;
}

/**
 * Queries that clients register themselves by sending hash and text together
 * (https://www.apollographql.com/docs/apollo-server/performance/apq).
 */
export interface AutomaticPersistedQueries {
  /** @throws AppError `PERSISTED_QUERY_NOT_FOUND`; `PERSISTED_QUERY_NOT_SUPPORTED` where nothing is registered so */
  find(hash: string): Promise<string>;
  /** What was registered or found by this gateway already, without a question to anybody. */
  findHere(hash: string): StoredDocument | undefined;
  /** Never rejects: what cannot be kept is asked for again. */
  register(hash: string, text: string): Promise<void>;
}

/** Creates the automatic persisted queries of one schema; their texts are shared with all. */
export function createAutomaticPersistedQueries(options: AutomaticPersistedQueriesOptions): AutomaticPersistedQueries {
  const { store, cache, ttlSeconds, isEnabled, maxDocuments } = options;
  // The store has texts too that nobody registered so: of a manifest, which may be withdrawn, and those that came without a hash.
  const registered = new LRUCache<string, true>({ max: maxDocuments });
  const findHere = (hash: string): StoredDocument | undefined =>
    registered.get(hash) === undefined ? undefined : store.find(hash);
  const keyOf = (hash: string): string => `gateway:apq:${hash}`;
  return {
    findHere: (hash) => (isEnabled ? findHere(hash) : undefined),
    async find(hash) {
      // Apollo's clients look for exactly these two messages.
      if (!isEnabled) throw new AppError('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported');
      const known = findHere(hash);
      if (known !== undefined) return known.source;
      const text = await cache.get(keyOf(hash));
      // A cache is not trusted: a text that is not the one that was asked for counts as none.
      if (text !== undefined && hashOf(text) === hash) {
        registered.set(hash, true);
        return text;
      }
      throw new AppError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
    },
    async register(hash, text) {
      if (!isEnabled) return;
      registered.set(hash, true);
      await cache.set(keyOf(hash), text, { ttlSeconds });
    },
  };
}
