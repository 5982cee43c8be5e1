import type { Cache } from '@tessera/service/cache';
import { AppError } from '@tessera/service/errors';
import type { OperationRequest } from '../transport/operation-request.js';
import { hashOf, type DocumentStore, type StoredDocument } from './document-store.js';

export interface PersistedQueriesOptions {
  readonly store: DocumentStore;
  /** Shared by all gateways, so that a query registered at one is known to the others. */
  readonly cache: Cache;
  readonly ttlSeconds: number;
}

/** Request -> document: by its text, by its hash, or by both to register it. */
export type FindDocument = (request: OperationRequest) => Promise<StoredDocument>;

const hashPattern = /^[0-9a-f]{64}$/;

/**
 * Creates the finder of documents, with automatic persisted queries as Apollo's clients speak them
 * (https://www.apollographql.com/docs/apollo-server/performance/apq).
 */
export function createDocumentFinder({ store, cache, ttlSeconds }: PersistedQueriesOptions): FindDocument {
  const keyOf = (hash: string): string => `gateway:apq:${hash}`;

  const findByHash = async (hash: string): Promise<StoredDocument> => {
    const known = store.find(hash);
    if (known !== undefined) return known;
    const source = await cache.get(keyOf(hash));
    // A cache is not trusted: a text that is not the one that was asked for counts as none.
    if (source === undefined || hashOf(source) !== hash) {
      // Apollo's clients look for exactly this message.
      throw new AppError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
    }
    return store.add(source, hash);
  };

  return async ({ query, extensions }) => {
    const persistedHash = readHash(extensions?.['persistedQuery']);
    if (query === undefined) {
      if (persistedHash === undefined) throw new AppError('BAD_USER_INPUT', 'Parameter query is required');
      return findByHash(persistedHash);
    }
    const hash = hashOf(query);
    if (persistedHash === undefined) return store.add(query, hash);
    if (persistedHash !== hash) {
      throw new AppError('BAD_USER_INPUT', 'Parameter extensions.persistedQuery.sha256Hash does not match the query');
    }
    const stored = store.add(query, hash);
    await cache.set(keyOf(hash), query, { ttlSeconds });
    return stored;
  };
}

function readHash(persistedQuery: unknown): string | undefined {
  if (persistedQuery === undefined || persistedQuery === null) return undefined;
  if (typeof persistedQuery !== 'object') {
    throw new AppError('BAD_USER_INPUT', 'Parameter extensions.persistedQuery must be a JSON object');
  }
  const { version, sha256Hash } = persistedQuery as { readonly version?: unknown; readonly sha256Hash?: unknown };
  if (version !== undefined && version !== 1) {
    throw new AppError('PERSISTED_QUERY_NOT_SUPPORTED', 'Parameter extensions.persistedQuery.version must be 1');
  }
  const hash = typeof sha256Hash === 'string' ? sha256Hash.toLowerCase() : '';
  if (!hashPattern.test(hash)) {
    throw new AppError('BAD_USER_INPUT', 'Parameter extensions.persistedQuery.sha256Hash must be 64 hex digits');
  }
  return hash;
}
