import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '@tessera/service/errors';
import { isSha256, type ManifestOperation } from '@tessera/service/operations';
import type { RequestContext } from '../context.js';
import type { OperationRequest } from '../transport/operation-request.js';
import type { AutomaticPersistedQueries } from './automatic-persisted-queries.js';
import type { DocumentStore, StoredDocument } from './document-store.js';
import type { ListMode, ListPolicy } from './list-policy.js';
import type { NormalisedHashOf } from './normalised-hashes.js';
import type { OperationUseObserver } from './operation-use-observer.js';
import { readReference, type DocumentReference } from './read-reference.js';
import { createTextHashes } from './text-hashes.js';
import type { RegisteredOperations } from './registered/registered-operations.js';

export interface DocumentFinderOptions {
  readonly store: DocumentStore;
  /** Checks a text, beside this thread where it is long. @throws OperationRefusal or AppError */
  readonly inspect: (text: string, hash: string) => Promise<void>;
  readonly automatic: AutomaticPersistedQueries;
  readonly registered: RegisteredOperations;
  readonly policy: ListPolicy;
  readonly normalisedHashOf: NormalisedHashOf;
  readonly observer: OperationUseObserver;
  /** Told, for each document that is looked for in the store, whether it was there. */
  readonly onLookup: (isKnown: boolean) => void;
}

/**
 * Request -> document, if it may run by the list; at once where it is known.
 *
 * @throws AppError with the codes of persisted queries, or what speaks against the document itself
 */
export type FindDocument = (
  request: OperationRequest,
  context: RequestContext,
) => StoredDocument | Promise<StoredDocument>;

/** How many times as long as its registered form a text may be for white space and comments. */
const maxPadding = 4;

/** In characters: what is longer took a millisecond or more to parse, and others have a turn before it is let in. */
const longText = 4_096;

const unknownId = 'No operation is registered under this id for this client and version';

/** Creates the finder: registered documents by id, others by their text or by the hash that a client registered itself. */
export function createDocumentFinder(options: DocumentFinderOptions): FindDocument {
  const { store, inspect, automatic, registered, policy, normalisedHashOf, observer, onLookup } = options;
  const textHashOf = createTextHashes();

  function take(text: string, hash: string): StoredDocument | Promise<StoredDocument> {
    const known = store.find(hash);
    onLookup(known !== undefined);
    if (known !== undefined) return known;
    const added = inspect(text, hash).then(() => store.add(text, hash));
    return text.length < longText ? added : added.then((stored) => nextTurn(stored));
  }

  function useListed(
    listed: ManifestOperation,
    by: 'id' | 'text',
    context: RequestContext,
  ): StoredDocument | Promise<StoredDocument> {
    observer.listed(listed, by, context);
    return take(listed.body, listed.hash);
  }

  /** Ids that are no hashes prove nothing about a text that comes along. */
  function assertSame({ text, textHash }: DocumentReference, listed: ManifestOperation): void {
    if (text === undefined || textHash === undefined || textHash === listed.hash) return;
    if (normalisedHashOf(text, textHash) === listed.normalisedHash) return;
    throw new AppError('BAD_USER_INPUT', 'The query is not the document that is registered under its id');
  }

  function refuse(id: string, { operationName }: OperationRequest, context: RequestContext, message: string): AppError {
    // Until every source has been read once, nobody knows; a client that is told "not in list" would not ask again.
    if (!registered.isComplete) return new AppError('SUBGRAPH_UNAVAILABLE', 'Registered operations cannot be had now');
    observer.unlisted({ id, operationName, isRefused: true }, context);
    return new AppError('PERSISTED_QUERY_NOT_IN_LIST', message);
  }

  function findByText(
    text: string,
    hash: string,
    mode: ListMode,
    { clientName }: RequestContext,
  ): ManifestOperation | undefined {
    const { list } = registered;
    const listed = list.byText(hash, clientName);
    // What is so much longer than anything on the list is not worth the time that reading it would take.
    if (listed !== undefined || mode === 'off' || text.length > maxPadding * list.longest) return listed;
    return list.byText(normalisedHashOf(text, hash), clientName);
  }

  /** A text is what the list has, or what runs beside the list, or it is refused. */
  function admit(
    text: string,
    hash: string,
    mode: ListMode,
    request: OperationRequest,
    context: RequestContext,
  ): StoredDocument | Promise<StoredDocument> {
    if (!registered.isUsed && mode === 'off') return take(text, hash);
    const listed = findByText(text, hash, mode, context);
    if (listed !== undefined) return useListed(listed, 'text', context);
    if (mode === 'safelist') throw refuse(hash, request, context, 'The operation is not registered');
    if (mode === 'report') {
      const { operationName } = request;
      observer.unlisted({ id: hash, operationName, isRefused: false }, context);
    }
    return take(text, hash);
  }

  async function findUnlisted(
    { id = '' }: DocumentReference,
    mode: ListMode,
    request: OperationRequest,
    context: RequestContext,
  ): Promise<StoredDocument> {
    if (!isSha256(id)) throw refuse(id, request, context, unknownId);
    return admit(await automatic.find(id), id, mode, request, context);
  }

  return (request, context) => {
    const reference = readReference(request, textHashOf);
    const { id, text, textHash, isAutomatic } = reference;
    const listed = id === undefined ? undefined : registered.list.byId(id, context.clientName, context.clientVersion);
    if (listed !== undefined) {
      assertSame(reference, listed);
      return useListed(listed, 'id', context);
    }
    if (id !== undefined && isAutomatic && !isSha256(id) && !registered.isUsed) {
      throw new AppError('BAD_USER_INPUT', 'Parameter extensions.persistedQuery.sha256Hash must be 64 hex digits');
    }
    const mode = policy.isEverOn ? policy.modeOf(context) : 'off';
    if (mode === 'id-only') {
      if (id !== undefined) throw refuse(id, request, context, unknownId);
      throw refuse(textHash ?? '', request, context, 'Only registered operations run, named by their id');
    }
    if (mode === 'off' && !registered.isUsed && id !== undefined && text === undefined) {
      const known = automatic.findHere(id);
      if (known !== undefined) {
        onLookup(true);
        return known;
      }
    }
    if (text === undefined || textHash === undefined) return findUnlisted(reference, mode, request, context);
    const admitted = admit(text, textHash, mode, request, context);
    return isAutomatic && id === textHash ? register(admitted, textHash, text) : admitted;
  };

  async function register(
    admitted: StoredDocument | Promise<StoredDocument>,
    hash: string,
    text: string,
  ): Promise<StoredDocument> {
    const stored = await admitted;
    await automatic.register(hash, text);
    return stored;
  }
}
