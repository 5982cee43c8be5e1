import { getOperationAST, Kind, type DocumentNode } from 'graphql';
import type { SpendStep } from '../plan-budget.js';
import type { PlanNode } from '../query-plan.js';
import { notRolledOut } from '../roll-out.js';
import { createFindAlike } from './alike-types.js';
import { collectFields, noFragments } from './collect-fields.js';
import { emitPlan } from './emit-plan.js';
import { createOpenSources } from './open-sources.js';
import { createPlaceFields } from './place-fields.js';
import { createReach, type Reach } from './reach.js';
import { createRequiredKeys } from './represent-selection.js';
import { newSpot, type FetchGroup } from './spot.js';
import { indexSubgraphs, type SubgraphIndex } from './subgraph-index.js';

/** Plans operations without conditions over one supergraph. @throws what `spend` throws, which is called at every step */
export type PlanDocument = (
  document: DocumentNode,
  operationName: string | undefined,
  roll?: number,
  spend?: SpendStep,
) => PlanNode | undefined;

/**
 * Creates the planner.
 *
 * @param supergraph the composed supergraph
 * @param isHidden whether consumers do not see the type
 */
export function createPlanDocument(supergraph: DocumentNode, isHidden: (typeName: string) => boolean): PlanDocument {
  const views = new Map<number, { readonly index: SubgraphIndex; readonly reach: Reach }>();
  const viewFor = (roll: number) => {
    const known = views.get(roll);
    if (known !== undefined) return known;
    const index = indexSubgraphs(supergraph, roll);
    const view = { index, reach: createReach(index) };
    views.set(roll, view);
    return view;
  };
  viewFor(notRolledOut);
  const roots = new Set(['Query', 'Mutation', 'Subscription']);
  const isRoot = (typeName: string): boolean => roots.has(typeName);

  return (document, operationName, roll = notRolledOut, spend = () => undefined) => {
    const { index, reach } = viewFor(roll);
    const findAlike = createFindAlike(index);
    const operation = getOperationAST(document, operationName);
    if (operation == null) throw new Error('There is no such operation');
    const fragments = new Map(
      document.definitions.flatMap((definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION
          ? [
              [
                definition.name.value,
                { type: definition.typeCondition.name.value, selections: definition.selectionSet.selections },
              ] as const,
            ]
          : [],
      ),
    );
    const variableDefinitions = operation.variableDefinitions ?? [];
    const taken = new Set(variableDefinitions.map(({ variable }) => variable.name.value));
    const contextVariables = new Map<string, string>();
    const newVariable = (type: string): string => {
      let name = `context_${contextVariables.size}`;
      while (taken.has(name)) name += '_';
      contextVariables.set(name, type);
      return name;
    };
    const keys = createRequiredKeys((key) => index.hasField(key));
    const sources = { index, reach, keys, isRoot, newVariable };
    // What consumers do not see may be what a subgraph requires.
    const required = createPlaceFields(
      { index, findAlike, fragments: noFragments, isHidden: () => false, spend },
      (place) => createOpenSources(sources, place),
    );
    const fields = createPlaceFields({ index, findAlike, fragments, isHidden, spend }, () =>
      createOpenSources(sources, required.place),
    );
    const rootName = operation.operation.slice(0, 1).toUpperCase() + operation.operation.slice(1);
    const root = newSpot([rootName], [], undefined);
    const wanted = collectFields(operation.selectionSet.selections, rootName, fragments, index).filter(
      // The gateway knows what its own roots are called.
      ({ name }) => name !== '__typename',
    );
    const { left, groups } = fields.place(root, wanted);
    const [missing] = left;
    if (missing !== undefined) throw new Error(`No subgraphs give all of ${rootName}.${missing.name}`);
    let representationsPrefix = 'representations_';
    while ([...taken].some((name) => name.startsWith(representationsPrefix))) representationsPrefix += '_';
    return emitPlan(withDependencies(groups), {
      index,
      operationKind: operation.operation,
      variableDefinitions,
      contextVariables,
      representationsPrefix,
    });
  };
}

function withDependencies(groups: ReadonlySet<FetchGroup>): ReadonlySet<FetchGroup> {
  const all = new Set<FetchGroup>();
  const add = (group: FetchGroup): void => {
    if (all.has(group)) return;
    all.add(group);
    for (const dependency of group.dependencies) add(dependency);
  };
  for (const group of groups) add(group);
  return all;
}
