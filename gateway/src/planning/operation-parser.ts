import { parse, type DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/** Parses the text of an operation, whoever of the planners' chain needs it. */
export type ParseOperation = (operation: string) => DocumentNode;

/** So many are looked at by turns. */
const maxDocuments = 8;

/** Creates a parser that remembers its last texts: those who look at an operation one after the other share the work. */
export function createOperationParser(): ParseOperation {
  const documents = new LRUCache<string, DocumentNode>({ max: maxDocuments });
  return (operation) => {
    const document = documents.get(operation) ?? parse(operation, { noLocation: true });
    documents.set(operation, document);
    return document;
  };
}
