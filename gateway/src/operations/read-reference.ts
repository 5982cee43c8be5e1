import { AppError } from '@tessera/service/errors';
import { isOperationId, isSha256, plainOperationId } from '@tessera/service/operations';
import type { OperationRequest } from '../transport/operation-request.js';
import type { TextHashOf } from './text-hashes.js';

/** What a request says about its document. At least one of `id` and `text` is there. */
export interface DocumentReference {
  /** In its plain form. */
  readonly id: string | undefined;
  readonly text: string | undefined;
  /** SHA-256 of the text, hex. */
  readonly textHash: string | undefined;
  /** Whether the client speaks of automatic persisted queries: an unknown hash is asked for then. */
  readonly isAutomatic: boolean;
}

/**
 * Reads how a request names its document: by a text, by `documentId`, by `extensions.persistedQuery`, or by several that agree.
 *
 * @throws AppError `BAD_USER_INPUT`, or `PERSISTED_QUERY_NOT_SUPPORTED` for a version of the extension that is not known
 */
export function readReference(
  { query: text, documentId, extensions }: OperationRequest,
  hashOf: TextHashOf,
): DocumentReference {
  const automaticId = readPersistedQuery(extensions?.['persistedQuery']);
  const ownId = documentId === undefined ? undefined : plainId('documentId', documentId);
  if (automaticId !== undefined && ownId !== undefined && automaticId !== ownId) {
    throw new AppError(
      'BAD_USER_INPUT',
      'Parameters documentId and extensions.persistedQuery name different documents',
    );
  }
  const id = ownId ?? automaticId;
  if (id === undefined && text === undefined) throw new AppError('BAD_USER_INPUT', 'Parameter query is required');
  const textHash = text === undefined ? undefined : hashOf(text);
  if (textHash !== undefined && id !== undefined && isSha256(id) && textHash !== id) {
    const name = ownId === undefined ? 'extensions.persistedQuery.sha256Hash' : 'documentId';
    throw new AppError('BAD_USER_INPUT', `Parameter ${name} does not match the query`);
  }
  return { id, text, textHash, isAutomatic: automaticId !== undefined };
}

function readPersistedQuery(persistedQuery: unknown): string | undefined {
  if (persistedQuery === undefined || persistedQuery === null) return undefined;
  if (typeof persistedQuery !== 'object') {
    throw new AppError('BAD_USER_INPUT', 'Parameter extensions.persistedQuery must be a JSON object');
  }
  const { version, sha256Hash } = persistedQuery as { readonly version?: unknown; readonly sha256Hash?: unknown };
  if (version !== undefined && version !== 1) {
    throw new AppError('PERSISTED_QUERY_NOT_SUPPORTED', 'Parameter extensions.persistedQuery.version must be 1');
  }
  if (typeof sha256Hash !== 'string') {
    throw new AppError('BAD_USER_INPUT', 'Parameter extensions.persistedQuery.sha256Hash must be 64 hex digits');
  }
  return plainId('extensions.persistedQuery.sha256Hash', sha256Hash);
}

function plainId(name: string, id: string): string {
  // What nearly every request says, told with one look.
  if (isSha256(id)) return id;
  if (!isOperationId(id)) throw new AppError('BAD_USER_INPUT', `Parameter ${name} is not an identifier of a document`);
  return plainOperationId(id);
}
