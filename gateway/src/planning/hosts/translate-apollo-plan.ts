import type * as apollo from '@apollo/query-planner';
import type {
  FetchNode,
  FlattenPath,
  PlanNode,
  RequiresSelection,
  Rewrite,
  RewritePathSegment,
} from '../query-plan.js';

const fragmentPrefix = '... on ';

/**
 * Says a plan of Apollo's planner in the words that the executor knows.
 *
 * @throws Error for what the executor cannot run: `@defer` and `@fromContext`
 */
export function translateApolloPlan({ node }: apollo.QueryPlan): PlanNode | undefined {
  if (node === undefined) return undefined;
  if (node.kind !== 'Subscription') return translateNode(node, []);
  const nodes: PlanNode[] = [{ kind: 'Subscription', primary: translateFetch(node.primary) }];
  if (node.rest !== undefined) nodes.push(translateNode(node.rest, []));
  return { kind: 'Sequence', nodes };
}

/** @param path of the `Flatten`s around the node: the executor wants them right around a fetch */
function translateNode(node: apollo.PlanNode, path: FlattenPath): PlanNode {
  switch (node.kind) {
    case 'Fetch': {
      const fetch = translateFetch(node);
      return path.length === 0 ? fetch : { kind: 'Flatten', path, node: fetch };
    }
    case 'Flatten':
      return translateNode(node.node, [...path, ...node.path.map(translatePathSegment)]);
    case 'Sequence':
    case 'Parallel':
      return { kind: node.kind, nodes: node.nodes.map((child) => translateNode(child, path)) };
    case 'Condition':
      return {
        kind: 'Condition',
        condition: node.condition,
        ifClause: node.ifClause === undefined ? null : translateNode(node.ifClause, path),
        elseClause: node.elseClause === undefined ? null : translateNode(node.elseClause, path),
      };
    case 'Defer':
      throw new Error('Plan defers a part of the operation');
  }
}

function translatePathSegment(segment: string | number): FlattenPath[number] {
  return segment === '@' ? '@' : { Field: String(segment) };
}

function translateFetch(fetch: apollo.FetchNode): FetchNode {
  if (fetch.contextRewrites !== undefined && fetch.contextRewrites.length > 0) {
    throw new Error('Plan takes arguments from the context of a field');
  }
  return {
    kind: 'Fetch',
    serviceName: fetch.serviceName,
    operation: fetch.operation,
    operationKind: fetch.operationKind,
    operationName: fetch.operationName ?? null,
    variableUsages: fetch.variableUsages ?? [],
    requires: fetch.requires === undefined ? null : translateRequires(fetch.requires),
    inputRewrites: fetch.inputRewrites?.map(translateRewrite) ?? null,
    outputRewrites: fetch.outputRewrites?.map(translateRewrite) ?? null,
  };
}

function translateRequires(selections: readonly apollo.QueryPlanSelectionNode[]): RequiresSelection[] {
  return selections.flatMap((selection): RequiresSelection[] => {
    const below = selection.selections === undefined ? null : translateRequires(selection.selections);
    if (selection.kind === 'Field') {
      return [{ kind: 'Field', name: selection.name, alias: selection.alias ?? null, selections: below }];
    }
    if (selection.typeCondition === undefined) return below ?? [];
    return [{ kind: 'InlineFragment', typeCondition: selection.typeCondition, selections: below ?? [] }];
  });
}

function translateRewrite(rewrite: apollo.FetchDataRewrite): Rewrite {
  const path = rewrite.path.map((segment): RewritePathSegment =>
    segment.startsWith(fragmentPrefix) ? { TypenameEquals: [segment.slice(fragmentPrefix.length)] } : { Key: segment },
  );
  return rewrite.kind === 'KeyRenamer'
    ? { KeyRenamer: { path, renameKeyTo: rewrite.renameKeyTo } }
    : { ValueSetter: { path, setValueTo: String(rewrite.setValueTo) } };
}
