import { Kind, OperationTypeNode, parseType, type OperationDefinitionNode, type SelectionNode } from 'graphql';
import type { BatchFetchNode, FetchRequest, FlattenPath, RequiresSelection } from '../query-plan.js';
import type { EntityFacts } from './entity-facts.js';
import { selectionSetOf, writeFetchText } from './fetch-text.js';
import type { Cut } from './thin-selections.js';

const representations = 'representations';

/**
 * Plans the fetch of fields that were cut out of another one: the same subgraph is asked for them by the entities' key.
 *
 * @param paths where the cut fields' path begins
 */
export function cutEntities(
  fetch: FetchRequest,
  operation: OperationDefinitionNode,
  { path, typeName, selections }: Cut,
  paths: readonly FlattenPath[],
  facts: EntityFacts,
): BatchFetchNode {
  const key = facts.keyOf(typeName, fetch.serviceName) ?? [];
  const text = writeFetchText(fetch, asQuery(operation), [entitiesField(typeName, selections)]);
  return {
    kind: 'BatchFetch',
    ...text,
    entityBatch: {
      aliases: [
        {
          alias: '_entities',
          representationsVariableName: representations,
          paths: paths.map((beginning) => [...beginning, ...path]),
          requires: [
            {
              kind: 'InlineFragment',
              typeCondition: typeName,
              selections: [{ kind: 'Field', name: '__typename' }, ...toRequires(key)],
            },
          ],
        },
      ],
    },
  };
}

function asQuery(operation: OperationDefinitionNode): OperationDefinitionNode {
  const others = (operation.variableDefinitions ?? []).filter(
    ({ variable }) => variable.name.value !== representations,
  );
  const own = { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: representations } } as const;
  return {
    ...operation,
    operation: OperationTypeNode.QUERY,
    variableDefinitions: [{ kind: Kind.VARIABLE_DEFINITION, variable: own, type: parseType('[_Any!]!') }, ...others],
  };
}

function entitiesField(typeName: string, selections: readonly SelectionNode[]): SelectionNode {
  const name = (value: string) => ({ kind: Kind.NAME, value }) as const;
  return {
    kind: Kind.FIELD,
    name: name('_entities'),
    arguments: [
      { kind: Kind.ARGUMENT, name: name(representations), value: { kind: Kind.VARIABLE, name: name(representations) } },
    ],
    selectionSet: selectionSetOf([
      {
        kind: Kind.INLINE_FRAGMENT,
        typeCondition: { kind: Kind.NAMED_TYPE, name: name(typeName) },
        selectionSet: selectionSetOf(selections),
      },
    ]),
  };
}

/** Keys are fields alone; they stand in the result tree under their bare names. */
function toRequires(key: readonly SelectionNode[]): RequiresSelection[] {
  return key.flatMap((selection): RequiresSelection[] => {
    if (selection.kind !== Kind.FIELD) return [];
    const selections = selection.selectionSet === undefined ? null : toRequires(selection.selectionSet.selections);
    return [{ kind: 'Field', name: selection.name.value, selections }];
  });
}
