import { Kind, print, visit, type DocumentNode, type FieldNode, type FragmentDefinitionNode } from 'graphql';
import { prepareSubgraphOperation, type SubgraphOperation } from '../../execution/subgraph-client.js';
import type { RootField } from './root-field.js';

/** The variable of the representations; no plan calls one of its own so. */
export const representationsVariable = '_event';

/** How a subgraph is asked what the entities are that an event names. */
export interface EntityRequest {
  readonly operation: SubgraphOperation;
  /** Variables of the subscription that are used within the field. */
  readonly variables: readonly string[];
}

/** Turns what would have been asked of a field into a request for its entities. */
export function buildEntityRequest(subgraph: string, typeName: string, root: RootField): EntityRequest {
  const { field, operation, fragments } = root;
  const spreads = usedFragments(field, fragments);
  const used = new Set<string>();
  for (const node of [...(field.selectionSet?.selections ?? []), ...spreads]) {
    visit(node, { Variable: ({ name }) => void used.add(name.value) });
  }
  const definitions = (operation.variableDefinitions ?? []).filter(({ variable }) => used.has(variable.name.value));
  const declared = [`$${representationsVariable}: [_Any!]!`, ...definitions.map((definition) => print(definition))];
  const selection = field.selectionSet === undefined ? '{ __typename }' : print(field.selectionSet);
  const text = `query (${declared.join(', ')}) {
    _entities(representations: $${representationsVariable}) { ... on ${typeName} ${selection} }
  }`;
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: spreads };
  const query = spreads.length === 0 ? text : `${text}\n${print(document)}`;
  return {
    operation: prepareSubgraphOperation({ subgraph, kind: 'query', query, operationName: undefined }),
    variables: [...used],
  };
}

/** A document must not define fragments that nobody spreads. */
function usedFragments(
  field: FieldNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): readonly FragmentDefinitionNode[] {
  const found = new Set<FragmentDefinitionNode>();
  const look = (node: FieldNode | FragmentDefinitionNode): void => {
    visit(node, {
      FragmentSpread: ({ name }) => {
        const fragment = fragments.get(name.value);
        if (fragment === undefined || found.has(fragment)) return;
        found.add(fragment);
        look(fragment);
      },
    });
  };
  look(field);
  return [...found];
}
