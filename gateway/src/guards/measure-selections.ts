import { AppError } from '@tessera/service/errors';
import {
  Kind,
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** What a selection set comes to once its fragments are spread. */
export interface Extent {
  readonly depth: number;
  readonly aliases: number;
  /** Of this level; not of those below. */
  readonly fields: number;
  readonly directives: number;
  /** Fragments that are deferred. */
  readonly deferred: number;
  readonly selections: number;
}

const nothing: Extent = { depth: 0, aliases: 0, fields: 0, directives: 0, deferred: 0, selections: 0 };

/** Counts stop here, far below where numbers get inexact. */
const saturated = 1_000_000;

/**
 * Creates the measure of one document's selection sets, valid or not. Each fragment is measured once.
 *
 * @param maxNesting how many selection sets may stand within each other, those of fragments counted
 * @returns throws AppError `OPERATION_TOO_COMPLEX` for deeper ones
 */
export function createMeasure(document: DocumentNode, maxNesting: number): (set: SelectionSetNode) => Extent {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const measured = new Map<string, Extent>();

  const measureFragment = (name: string, nesting: number): Extent => {
    const known = measured.get(name);
    if (known !== undefined) return known;
    const fragment = fragments.get(name);
    if (fragment === undefined) return nothing;
    // A fragment that spreads itself measures as nothing here; the validator names the circle.
    measured.set(name, nothing);
    const inner = measure(fragment.selectionSet, nesting);
    const directives = inner.directives + (fragment.directives?.length ?? 0);
    const extent = directives === inner.directives ? inner : { ...inner, directives };
    measured.set(name, extent);
    return extent;
  };

  const measure = (set: SelectionSetNode, nesting: number): Extent => {
    // Inline fragments and spreads add no depth of fields, but each is a step of this recursion.
    if (nesting > maxNesting) throw new AppError('OPERATION_TOO_COMPLEX', 'Operation nests too deep');
    let [depth, aliases, fields, directives, deferred, selections] = [0, 0, 0, 0, 0, 0];
    for (const selection of set.selections) {
      const isField = selection.kind === Kind.FIELD;
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? measureFragment(selection.name.value, nesting + 1)
          : selection.selectionSet === undefined
            ? nothing
            : measure(selection.selectionSet, nesting + 1);
      depth = Math.max(depth, inner.depth + (isField ? 1 : 0));
      aliases = Math.min(saturated, aliases + inner.aliases + (isField && selection.alias !== undefined ? 1 : 0));
      fields = Math.min(saturated, fields + (isField ? 1 : inner.fields));
      directives = Math.min(saturated, directives + inner.directives + (selection.directives?.length ?? 0));
      deferred = Math.min(
        saturated,
        deferred + inner.deferred + (selection.directives?.some(isDefer) === true ? 1 : 0),
      );
      selections = Math.min(saturated, selections + inner.selections + 1);
    }
    return { depth, aliases, fields, directives, deferred, selections };
  };
  return (set) => measure(set, 0);
}

function isDefer({ name }: DirectiveNode): boolean {
  return name.value === 'defer';
}
