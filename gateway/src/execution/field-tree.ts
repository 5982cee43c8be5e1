import { Kind, parse, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';

/** Which fields a fetch fills, by their keys in the result tree. Read from its text when the plan is compiled. */
export interface FieldTree {
  readonly fields: ReadonlyMap<string, FieldTree | undefined>;
  readonly fragments: readonly { readonly typeCondition: string | undefined; readonly tree: FieldTree }[];
}

/** What is asked below a key, by any of the fragments; undefined where the key is not asked for. */
export function treesBelow(trees: readonly FieldTree[], key: string): readonly FieldTree[] | undefined {
  const found: FieldTree[] = [];
  let isAsked = false;
  for (const { fields, fragments } of trees) {
    const own = fields.get(key);
    const inner = treesBelow(
      fragments.map(({ tree }) => tree),
      key,
    );
    isAsked ||= fields.has(key) || inner !== undefined;
    found.push(...(own === undefined ? [] : [own]), ...(inner ?? []));
  }
  return isAsked ? found : undefined;
}

/** Reads what a subgraph's operation fills, from its root. */
export function parseFieldTree(operationText: string): FieldTree {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const document = parse(operationText, { noLocation: true });
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const built = new Map<string, FieldTree>();

  function ofFragment({ name, selectionSet }: FragmentDefinitionNode): FieldTree {
    const tree = built.get(name.value) ?? build(selectionSet);
    built.set(name.value, tree);
    return tree;
  }

  function build({ selections }: SelectionSetNode): FieldTree {
    const tree = {
      fields: new Map<string, FieldTree | undefined>(),
      fragments: [] as { typeCondition: string | undefined; tree: FieldTree }[],
    };
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        tree.fields.set(key, selection.selectionSet === undefined ? undefined : build(selection.selectionSet));
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const typeCondition = selection.typeCondition?.name.value;
        tree.fragments.push({ typeCondition, tree: build(selection.selectionSet) });
      } else {
        const fragment = fragments.get(selection.name.value);
        if (fragment === undefined) continue;
        tree.fragments.push({ typeCondition: fragment.typeCondition.name.value, tree: ofFragment(fragment) });
      }
    }
    return tree;
  }

  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  return operation === undefined ? { fields: new Map(), fragments: [] } : build(operation.selectionSet);
}
