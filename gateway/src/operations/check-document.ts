import type { DocumentNode } from 'graphql';
import { parseDocument } from './parse-document.js';
import { validateDocument, type ValidationSettings } from './validate-document.js';

/** Looks at a document before it is validated; throws an AppError for what must not even reach the validator. */
export type DocumentCheck = (document: DocumentNode) => void;

/** Everything that a document has to pass before it is stored. */
export interface DocumentChecks extends ValidationSettings {
  readonly maxTokens: number;
  /** The guards' checks; here, so that they hold whatever transport or persisted id the document came by. */
  readonly checks: readonly DocumentCheck[];
}

/**
 * Parses a text and checks what came of it.
 *
 * @param isValidated whether it passed these checks before, so that it only has to be parsed
 * @throws OperationRefusal or AppError with everything that speaks against the text
 */
export function checkDocument(source: string, checks: DocumentChecks, isValidated = false): DocumentNode {
  const document = parseDocument(source, checks.maxTokens);
  if (isValidated) return document;
  for (const check of checks.checks) check(document);
  validateDocument(document, checks);
  return document;
}
