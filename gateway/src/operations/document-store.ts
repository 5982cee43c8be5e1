import { hash as digest } from 'node:crypto';
import { AppError } from '@tessera/service/errors';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { OperationRefusal } from '../transport/operation-refusal.js';
import { checkDocument, type DocumentChecks } from './check-document.js';

/** A document that was parsed, checked and validated once. */
export interface StoredDocument {
  /** SHA-256 of the text, hex. */
  readonly hash: string;
  readonly source: string;
  readonly document: DocumentNode;
  readonly operations: readonly OperationDefinitionNode[];
}

export interface DocumentStoreOptions extends DocumentChecks {
  readonly maxDocuments: number;
  /** Whether the text with this hash has passed these checks elsewhere. */
  readonly isValidated: (hash: string) => boolean;
}

/** Texts of one schema -> documents. Refusals are remembered too: a bad document costs once, like a good one. */
export interface DocumentStore {
  /** @throws OperationRefusal or AppError where the text with this hash was refused before */
  find(hash: string): StoredDocument | undefined;
  /**
   * @param isValidated whether the text is known to pass these checks
   * @throws OperationRefusal or AppError with everything that speaks against the text
   */
  add(source: string, hash: string, isValidated?: boolean): StoredDocument;
  /** Finds what was let in, without a use of it. */
  peek(hash: string): StoredDocument | undefined;
}

/** A syntax tree takes some forty times the memory of its text, so the texts together are bounded as well. */
const maxCharacters = 8 * 1024 * 1024;

/** The identity of a document's text. */
export function hashOf(source: string): string {
  return digest('sha256', source);
}

/** Creates the store of one schema's documents. */
export function createDocumentStore(options: DocumentStoreOptions): DocumentStore {
  const known = new LRUCache<string, StoredDocument | Error>({
    max: options.maxDocuments,
    maxSize: maxCharacters,
    sizeCalculation: (entry) => 512 + (entry instanceof Error ? entry.message.length : entry.source.length),
  });

  const find = (hash: string): StoredDocument | undefined => {
    const entry = known.get(hash);
    if (entry instanceof Error) throw entry;
    return entry;
  };

  return {
    find,
    peek(hash) {
      const entry = known.peek(hash);
      return entry instanceof Error ? undefined : entry;
    },
    add(source, hash, isValidated = options.isValidated(hash)) {
      const found = find(hash);
      if (found !== undefined) return found;
      try {
        const stored = prepare(source, hash, options, isValidated);
        known.set(hash, stored);
        return stored;
      } catch (error) {
        if (error instanceof OperationRefusal || error instanceof AppError) known.set(hash, error);
        throw error;
      }
    },
  };
}

function prepare(source: string, hash: string, checks: DocumentChecks, isValidated: boolean): StoredDocument {
  const document = checkDocument(source, checks, isValidated);
  const operations = document.definitions.filter((definition) => definition.kind === 'OperationDefinition');
  return { hash, source, document, operations };
}
