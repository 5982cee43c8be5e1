import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { countActualCost } from './actual-cost.js';
import { amountOf, type GivenVariables } from './amount.js';
import { readCostDirectiveNames } from './cost-directives.js';
import { createCostSchema } from './cost-schema.js';
import { buildCostTree } from './cost-tree.js';
import { estimateSelection } from './estimate.js';

/** What one operation costs: compiled once, cheap to ask. */
export interface OperationCost {
  /** The most that it can cost with these variables, before it runs. They need not have been checked. */
  estimate(variables: GivenVariables | undefined): number;
  /** What an answer has cost: its objects, counted. */
  actual(data: unknown, variables: GivenVariables | undefined): number;
  /** @returns where the operation breaks what `@listSize(requireOneSlicingArgument: true)` asks for */
  fault(variables: GivenVariables | undefined): string | undefined;
}

/** @param document valid, and within the limit of what fragments may spread to */
export type CostOf = (document: DocumentNode, operation: OperationDefinitionNode) => OperationCost;

export interface OperationCostsOptions {
  /** Its headers are read; it is not kept. */
  readonly supergraph: DocumentNode;
  /** What consumers see of the supergraph; its `astNode`s carry the directives. */
  readonly schema: GraphQLSchema;
  /** How many items a list is taken to have that says nothing of its size. */
  readonly defaultListSize: number;
}

/** Each field of a mutation's root does something; a query's only reads. */
const mutationFieldCost = 10;

const noVariables: GivenVariables = {};
const nothing: OperationCost = { estimate: () => 0, actual: () => 0, fault: () => undefined };

/**
 * Creates the costing of one supergraph's operations by `@cost` and `@listSize`
 * (https://ibm.github.io/graphql-specs/cost-spec.html, as composed by Federation 2.9). Without directives an object costs
 * 1, a leaf nothing, an input object 1, and a field of a mutation 10 more.
 */
export function createOperationCosts({ supergraph, schema, defaultListSize }: OperationCostsOptions): CostOf {
  const names = readCostDirectiveNames(supergraph);
  const costs = createCostSchema({ schema, names, defaultListSize });
  const known = new WeakMap<OperationDefinitionNode, OperationCost>();

  function compile(document: DocumentNode, operation: OperationDefinitionNode): OperationCost {
    const tree = buildCostTree(document, operation, costs);
    if (tree === undefined) return nothing;
    const { root, faults } = tree;
    const base = operation.operation === 'mutation' ? mutationFieldCost : 0;
    const estimate = estimateSelection(root, base);
    return {
      estimate: (variables = noVariables) => amountOf(estimate, variables),
      actual: (data, variables = noVariables) => countActualCost(root, data, variables, base),
      fault(variables = noVariables) {
        for (const find of faults) {
          const fault = find(variables);
          if (fault !== undefined) return fault;
        }
        return undefined;
      },
    };
  }

  return (document, operation) => {
    let cost = known.get(operation);
    if (cost === undefined) known.set(operation, (cost = compile(document, operation)));
    return cost;
  };
}
