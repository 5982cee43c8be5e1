import type { Rewrite, RewritePathSegment } from '../query-plan.js';
import type { FetchField, FetchSelection } from './fetch-selection.js';

interface Occurrence {
  readonly field: FetchField;
  readonly path: readonly RewritePathSegment[];
}

/**
 * Gives fields of one key another name where no answer could hold them together: types of an interface or a union may
 * differ in whether the field is a list or may be null (specification, section 5.3.2).
 *
 * @param isLeaf whether a named type has no fields
 * @returns what puts their values back
 */
export function avoidConflicts(root: FetchSelection, isLeaf: (typeName: string) => boolean): Rewrite[] {
  const rewrites: Rewrite[] = [];

  /** @param selections of one object, each with its path */
  function visit(selections: readonly { selection: FetchSelection; path: readonly RewritePathSegment[] }[]): void {
    const keys = new Map<string, Occurrence[]>();
    for (const { selection, path } of selections) collect(selection, path, keys);
    for (const [key, occurrences] of keys) {
      const shapes = new Map<string, Occurrence[]>();
      for (const occurrence of occurrences) {
        const shape = shapeOf(occurrence.field.type, isLeaf);
        shapes.set(shape, [...(shapes.get(shape) ?? []), occurrence]);
      }
      for (const [number, alike] of [...shapes.values()].entries()) {
        const called = number === 0 ? key : `_${number}_${key}`;
        if (number > 0) for (const occurrence of alike) rename(occurrence, key, called);
        visit(
          alike.flatMap(({ field: { below }, path }) =>
            below === undefined ? [] : [{ selection: below, path: [...path, { Key: called }] }],
          ),
        );
      }
    }
  }

  function rename({ field, path }: Occurrence, key: string, called: string): void {
    field.alias = called;
    // What stands below is renamed first, while it still stands where the path says.
    rewrites.unshift({ KeyRenamer: { path: [...path, { Key: called }], renameKeyTo: key } });
  }

  visit([{ selection: root, path: [] }]);
  return rewrites.toSorted((one, other) => depthOf(other) - depthOf(one));
}

function collect(
  { fields, types }: FetchSelection,
  path: readonly RewritePathSegment[],
  keys: Map<string, Occurrence[]>,
): void {
  for (const [key, field] of fields) keys.set(key, [...(keys.get(key) ?? []), { field, path }]);
  for (const { typeNames, selection } of types.values()) {
    collect(selection, [...path, { TypenameEquals: typeNames }], keys);
  }
}

function shapeOf(type: string, isLeaf: (typeName: string) => boolean): string {
  return type.replace(/\w+/, (name) => (isLeaf(name) ? name : 'object'));
}

function depthOf(rewrite: Rewrite): number {
  return 'KeyRenamer' in rewrite ? rewrite.KeyRenamer.path.length : 0;
}
