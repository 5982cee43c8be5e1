import {
  Kind,
  parse,
  print,
  visit,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { FetchRequest } from '../query-plan.js';

/** A fetch's operation as a tree, its fragments spread. */
export function readFetchText(text: string): OperationDefinitionNode {
  const document = parse(text, { noLocation: true });
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new TypeError('A fetch has no operation');
  return { ...operation, selectionSet: spread(operation.selectionSet, fragmentsOf(document)) };
}

/**
 * Writes a fetch that asks for other selections of the same operation.
 *
 * @param ownVariables the variables that hold representations, with their types
 */
export function writeFetchText(
  fetch: FetchRequest,
  operation: OperationDefinitionNode,
  selections: readonly SelectionNode[],
): FetchRequest {
  const selectionSet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections };
  const used = new Set<string>();
  visit(selectionSet, { Variable: ({ name }) => void used.add(name.value) });
  const variableDefinitions = operation.variableDefinitions?.filter(({ variable }) => used.has(variable.name.value));
  return {
    serviceName: fetch.serviceName,
    operation: print({ ...operation, ...(variableDefinitions && { variableDefinitions }), selectionSet }),
    operationKind: operation.operation,
    operationName: fetch.operationName ?? null,
    variableUsages: fetch.variableUsages?.filter((name) => used.has(name)) ?? null,
  };
}

/** Selections as the node of a document. */
export function selectionSetOf(selections: readonly SelectionNode[]): SelectionSetNode {
  return { kind: Kind.SELECTION_SET, selections };
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((definition): [string, FragmentDefinitionNode][] =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ),
  );
}

function spread(
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): SelectionSetNode {
  return selectionSetOf(
    selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value);
        if (fragment === undefined) return [];
        const { typeCondition, selectionSet } = fragment;
        const { directives = [] } = selection;
        return [
          { kind: Kind.INLINE_FRAGMENT, typeCondition, directives, selectionSet: spread(selectionSet, fragments) },
        ];
      }
      if (selection.selectionSet === undefined) return [selection];
      return [{ ...selection, selectionSet: spread(selection.selectionSet, fragments) } as SelectionNode];
    }),
  );
}
