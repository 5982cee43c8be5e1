import { Kind, type DocumentNode, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';

/** What guards need to know of an operation, read once. */
export interface OperationFacts {
  /**
   * Field of the root -> how often the operation selects it, under whatever aliases and through whatever fragments: each
   * occurrence of a mutation's field is an attempt of its own. Field names, not response keys.
   */
  readonly rootFields: ReadonlyMap<string, number>;
  /** Whether it asks for the schema (`__schema`, `__type`). */
  readonly introspects: boolean;
}

/** Fragments can spread to astronomic numbers; beyond this nobody counts. */
const most = 1_000_000;

const known = new WeakMap<OperationDefinitionNode, OperationFacts>();

/** Reads the facts of an operation of a valid document. */
export function factsOf(document: DocumentNode, operation: OperationDefinitionNode): OperationFacts {
  let facts = known.get(operation);
  if (facts === undefined) known.set(operation, (facts = readFacts(document, operation)));
  return facts;
}

function readFacts(document: DocumentNode, operation: OperationDefinitionNode): OperationFacts {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition.selectionSet);
  }
  const counted = new Map<string, ReadonlyMap<string, number>>();

  function countFragment(name: string): ReadonlyMap<string, number> {
    const found = counted.get(name);
    if (found !== undefined) return found;
    const selectionSet = fragments.get(name);
    const counts = selectionSet === undefined ? new Map<string, number>() : count(selectionSet);
    counted.set(name, counts);
    return counts;
  }

  function count({ selections }: SelectionSetNode): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    const add = (name: string, times: number): void =>
      void counts.set(name, Math.min(most, (counts.get(name) ?? 0) + times));
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) add(selection.name.value, 1);
      else {
        const inner =
          selection.kind === Kind.INLINE_FRAGMENT ? count(selection.selectionSet) : countFragment(selection.name.value);
        for (const [name, times] of inner) add(name, times);
      }
    }
    return counts;
  }

  const rootFields = count(operation.selectionSet);
  return { rootFields, introspects: rootFields.has('__schema') || rootFields.has('__type') };
}
