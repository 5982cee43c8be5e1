import { AppError } from '@tessera/service/errors';
import { Kind, type DocumentNode } from 'graphql';
import { createMeasure } from './measure-selections.js';

/** The most that one operation may have, its fragments spread; of operations and fragments, one document. */
export interface DocumentLimits {
  readonly maxDepth: number;
  readonly maxAliases: number;
  readonly maxRootFields: number;
  readonly maxDirectives: number;
  readonly maxDeferredFragments: number;
  readonly maxSelections: number;
  readonly maxOperations: number;
  readonly maxFragments: number;
}

/**
 * Makes the check that holds a document's operations to their limits. Every fragment is measured once, so the check is
 * linear in the text however often fragments spread each other.
 *
 * @returns a check that throws AppError `OPERATION_TOO_COMPLEX`
 */
export function createDocumentLimits(limits: DocumentLimits): (document: DocumentNode) => void {
  return (document) => {
    const { definitions } = document;
    const operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
    assertWithin('Document', 'operations', operations.length, limits.maxOperations);
    assertWithin('Document', 'fragments', definitions.length - operations.length, limits.maxFragments);
    const measure = createMeasure(document, limits.maxDepth * 4);
    for (const { selectionSet, directives, variableDefinitions } of operations) {
      const extent = measure(selectionSet);
      const ofVariables = (variableDefinitions ?? []).reduce((sum, own) => sum + (own.directives?.length ?? 0), 0);
      assertWithin('Operation', 'levels of fields', extent.depth, limits.maxDepth);
      assertWithin('Operation', 'aliases', extent.aliases, limits.maxAliases);
      assertWithin('Operation', 'root fields', extent.fields, limits.maxRootFields);
      assertWithin('Operation', 'selections, its fragments spread', extent.selections, limits.maxSelections);
      assertWithin('Operation', 'deferred fragments', extent.deferred, limits.maxDeferredFragments);
      const directiveCount = extent.directives + ofVariables + (directives?.length ?? 0);
      assertWithin('Operation', 'directives', directiveCount, limits.maxDirectives);
    }
  };
}

function assertWithin(whose: string, name: string, actual: number, limit: number): void {
  if (actual <= limit) return;
  throw new AppError('OPERATION_TOO_COMPLEX', `${whose} has more than ${limit} ${name}`, { details: { limit } });
}
