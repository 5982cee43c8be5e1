import { AppError } from '@tessera/service/errors';
import type { DocumentNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql';

export interface DocumentLimits {
  readonly maxDepth: number;
  readonly maxAliases: number;
  readonly maxRootFields: number;
}

/** What a selection set comes to once its fragments are spread. Counts saturate far below where numbers get inexact. */
interface Extent {
  readonly depth: number;
  readonly aliases: number;
  readonly fields: number;
}

const nothing: Extent = { depth: 0, aliases: 0, fields: 0 };
const saturated = 1_000_000;

/**
 * Makes the check that holds a document's operations to their limits. Every fragment is measured once, so the check is
 * linear in the text however often fragments spread each other.
 *
 * @returns a check that throws AppError `OPERATION_TOO_COMPLEX`
 */
export function createDocumentLimits(limits: DocumentLimits): (document: DocumentNode) => void {
  return (document) => {
    const measure = createMeasure(document, limits.maxDepth * 4);
    for (const definition of document.definitions) {
      if (definition.kind !== 'OperationDefinition') continue;
      const { depth, aliases, fields } = measure(definition.selectionSet, 0);
      assertWithin('depth', depth, limits.maxDepth);
      assertWithin('aliases', aliases, limits.maxAliases);
      assertWithin('root fields', fields, limits.maxRootFields);
    }
  };
}

function assertWithin(name: string, actual: number, limit: number): void {
  if (actual > limit) {
    throw new AppError('OPERATION_TOO_COMPLEX', `The operation exceeds the limit of ${limit} for ${name}`, {
      details: { limit },
    });
  }
}

function createMeasure(document: DocumentNode, maxNesting: number): (set: SelectionSetNode, nesting: number) => Extent {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === 'FragmentDefinition') fragments.set(definition.name.value, definition);
  }
  const measured = new Map<string, Extent>();

  const measureFragment = (name: string, nesting: number): Extent => {
    const known = measured.get(name);
    if (known !== undefined) return known;
    const fragment = fragments.get(name);
    if (fragment === undefined) return nothing;
    // A fragment that spreads itself measures as nothing here; the validator names the circle.
    measured.set(name, nothing);
    const extent = measure(fragment.selectionSet, nesting);
    measured.set(name, extent);
    return extent;
  };

  const measure = (set: SelectionSetNode, nesting: number): Extent => {
    // Inline fragments and spreads add no depth of fields, but each is a step of this recursion.
    if (nesting > maxNesting) throw new AppError('OPERATION_TOO_COMPLEX', 'The operation nests too deep');
    let [depth, aliases, fields] = [0, 0, 0];
    for (const selection of set.selections) {
      const isField = selection.kind === 'Field';
      const inner =
        selection.kind === 'FragmentSpread'
          ? measureFragment(selection.name.value, nesting + 1)
          : selection.selectionSet === undefined
            ? nothing
            : measure(selection.selectionSet, nesting + 1);
      depth = Math.max(depth, inner.depth + (isField ? 1 : 0));
      aliases = Math.min(saturated, aliases + inner.aliases + (isField && selection.alias !== undefined ? 1 : 0));
      fields = Math.min(saturated, fields + (isField ? 1 : inner.fields));
    }
    return { depth, aliases, fields };
  };
  return measure;
}
