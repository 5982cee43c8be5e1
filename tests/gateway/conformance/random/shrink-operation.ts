import {
  Kind,
  parse,
  print,
  visit,
  type DocumentNode,
  type FieldNode,
  type InlineFragmentNode,
  type SelectionNode,
} from 'graphql';
import type { OperationModel } from './generate-operation.js';

/** Simpler operations, the simplest first. They may be invalid. */
export function* shrinkOperation({ source, variables }: OperationModel): Generator<OperationModel> {
  const document = parse(source, { noLocation: true });
  for (const edited of edits(document)) {
    const tidy = dropUnused(edited);
    if (tidy === undefined) continue;
    const text = print(tidy);
    const used = Object.entries(variables).filter(([name]) => text.includes(`$${name}`));
    yield { source: text, variables: Object.fromEntries(used) };
  }
}

function* edits(document: DocumentNode): Generator<DocumentNode> {
  yield inlineFragments(document);
  const count = countSelections(document);
  for (let position = 0; position < count; position += 1) yield editSelection(document, position, () => null);
  yield* unwrapped(document);
  for (let position = 0; position < count; position += 1) {
    yield editSelection(document, position, (node) =>
      (node.directives ?? []).length > 0 ? { ...node, directives: [] } : undefined,
    );
    yield editSelection(document, position, (node) =>
      node.kind === Kind.FIELD && node.alias !== undefined ? withoutAlias(node) : undefined,
    );
    yield editSelection(document, position, (node) =>
      node.kind === Kind.FIELD && (node.arguments ?? []).length > 0
        ? { ...node, arguments: (node.arguments ?? []).slice(1) }
        : undefined,
    );
  }
}

/** With one inline fragment less, its selections in its place. */
function* unwrapped(document: DocumentNode): Generator<DocumentNode> {
  const fragments: InlineFragmentNode[] = [];
  visit(document, { InlineFragment: (node) => void fragments.push(node) });
  for (const fragment of fragments) {
    yield visit(document, {
      SelectionSet: (node) =>
        node.selections.includes(fragment)
          ? {
              ...node,
              selections: node.selections.flatMap((selection) =>
                selection === fragment ? fragment.selectionSet.selections : [selection],
              ),
            }
          : undefined,
    });
  }
}

function withoutAlias(field: FieldNode): FieldNode {
  const { name, arguments: given = [], directives = [], selectionSet } = field;
  return { kind: Kind.FIELD, name, arguments: given, directives, ...(selectionSet && { selectionSet }) };
}

function countSelections(document: DocumentNode): number {
  let count = 0;
  const enter = (): void => {
    count += 1;
  };
  visit(document, { Field: enter, InlineFragment: enter, FragmentSpread: enter });
  return count;
}

/** @param edit undefined leaves the selection as it is, null removes it */
function editSelection(
  document: DocumentNode,
  position: number,
  edit: (node: SelectionNode) => SelectionNode | null | undefined,
): DocumentNode {
  let index = -1;
  const enter = (node: SelectionNode) => {
    index += 1;
    return index === position ? edit(node) : undefined;
  };
  return visit(document, { Field: { enter }, InlineFragment: { enter }, FragmentSpread: { enter } });
}

function inlineFragments(document: DocumentNode): DocumentNode {
  return visit(document, {
    FragmentSpread(spread) {
      const fragment = document.definitions.find(
        (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === spread.name.value,
      );
      if (fragment?.kind !== Kind.FRAGMENT_DEFINITION) return undefined;
      const { typeCondition, selectionSet } = fragment;
      return { kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet, directives: spread.directives ?? [] };
    },
  });
}

/** Removes what is empty now, fragments and variables that nobody uses. @returns undefined where nothing is left */
function dropUnused(document: DocumentNode): DocumentNode | undefined {
  const full = visit(document, {
    Field: { leave: (node) => (node.selectionSet?.selections.length === 0 ? null : undefined) },
    InlineFragment: { leave: (node) => (node.selectionSet.selections.length === 0 ? null : undefined) },
  });
  const text = print(full);
  const definitions = full.definitions.filter(
    (definition) => definition.kind !== Kind.FRAGMENT_DEFINITION || text.includes(`...${definition.name.value}`),
  );
  const isEmpty = definitions.some((definition) => {
    return 'selectionSet' in definition && definition.selectionSet.selections.length === 0;
  });
  if (isEmpty) return undefined;
  const body = definitions.map((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? {
          ...definition,
          variableDefinitions: (definition.variableDefinitions ?? []).filter(
            ({ variable }) => text.split(`$${variable.name.value}`).length > 2,
          ),
        }
      : definition,
  );
  return { ...full, definitions: body };
}
