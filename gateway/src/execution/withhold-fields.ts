import { getOperationAST, Kind, visit, type DocumentNode, type FieldNode, type SelectionSetNode } from 'graphql';
import type { Withheld } from '../guards/authorization/withheld.js';
import type { ResultKeys } from '../planning/result-keys.js';
import { FailedField, failedBy } from './failed-field.js';
import { isTreeObject, type ResultTree } from './result-tree.js';

/** One operation, without the fields that a caller may not have. */
export interface WithheldView {
  /** What is planned: as if nobody had asked for those fields. */
  readonly toPlan: DocumentNode;
  /** What is answered: those fields are there, but nothing below them. */
  readonly toAnswer: DocumentNode;
  /**
   * Keys for the answer. A withheld field has one that no subgraph's field can have, because its value may have been
   * fetched all the same: as a key, or for somebody else's `@requires`.
   */
  readonly keys: ResultKeys;
  /** Puts the reasons where the fields would stand. */
  mark(tree: ResultTree): void;
}

/** The places below one kind of object of the result tree. */
interface Places {
  readonly failures: Map<string, FailedField>;
  readonly below: Map<string, Places>;
}

/**
 * Takes fields out of an operation.
 *
 * @param keys of the whole operation, all of them assigned: so they are the same whatever is withheld
 */
export function withholdFields(
  document: DocumentNode,
  operationName: string | undefined,
  { reasons }: Withheld,
  keys: ResultKeys,
): WithheldView {
  const failures = new Map<FieldNode, { readonly key: string; readonly failure: FailedField }>();
  const toPlan = visit(document, { Field: (field) => (reasons.has(field) ? null : undefined) });
  const toAnswer = visit(document, {
    Field(field) {
      const fault = reasons.get(field);
      if (fault === undefined) return undefined;
      const leaf = withoutSelections(field);
      failures.set(leaf, { key: `withheld:${failures.size}`, failure: failedBy(fault) });
      return leaf;
    },
  });
  const places = findPlaces(toAnswer, operationName, failures, keys);
  return {
    toPlan,
    toAnswer,
    keys: {
      keyOf: (field) => failures.get(field)?.key ?? keys.keyOf(field),
      responseKeyOf: (key) => keys.responseKeyOf(key),
    },
    mark: (tree) => mark(tree, places),
  };
}

function withoutSelections({ kind, alias, name, arguments: given = [], directives = [] }: FieldNode): FieldNode {
  return { kind, name, arguments: given, directives, ...(alias === undefined ? {} : { alias }) };
}

function findPlaces(
  document: DocumentNode,
  operationName: string | undefined,
  failures: ReadonlyMap<FieldNode, { readonly key: string; readonly failure: FailedField }>,
  keys: ResultKeys,
): Places {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition.selectionSet);
  }

  // Conditions do not matter here: the answer decides which fields an object has, and these keys are nobody else's.
  function collect({ selections }: SelectionSetNode, places: Places): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const failed = failures.get(selection);
        if (failed !== undefined) places.failures.set(failed.key, failed.failure);
        else if (selection.selectionSet !== undefined) collectBelow(selection, selection.selectionSet, places);
      } else {
        const inner =
          selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragments.get(selection.name.value);
        if (inner !== undefined) collect(inner, places);
      }
    }
  }

  function collectBelow(field: FieldNode, selectionSet: SelectionSetNode, { below }: Places): void {
    const key = keys.keyOf(field);
    const places = below.get(key) ?? noPlaces();
    collect(selectionSet, places);
    if (places.failures.size > 0 || places.below.size > 0) below.set(key, places);
  }

  const places = noPlaces();
  const operation = getOperationAST(document, operationName);
  if (operation != null) collect(operation.selectionSet, places);
  return places;
}

function noPlaces(): Places {
  return { failures: new Map(), below: new Map() };
}

function mark(value: unknown, places: Places): void {
  if (Array.isArray(value)) for (const item of value) mark(item, places);
  else if (isTreeObject(value) && !(value instanceof FailedField)) {
    for (const [key, failure] of places.failures) value[key] = failure;
    for (const [key, below] of places.below) mark(value[key], below);
  }
}
