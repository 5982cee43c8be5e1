import { Kind, visit, type DocumentNode } from 'graphql';
import { turnAfter } from './pieces.js';
import type { PlannerDocument } from './planner-document.js';
import type { Planner } from './planner.js';
import { printOperation } from './print-operation.js';
import type { PlanNode } from './query-plan.js';
import { splitMutation } from './split-mutation.js';

/** The plan of an operation, and what its variables are called in it. */
export interface OperationPlan {
  readonly node: PlanNode | undefined;
  /** Name in the plan -> name in the operation, for the variables that had to be renamed. */
  readonly renamedVariables: ReadonlyMap<string, string>;
}

/** The name that planners give to the variable of an entity fetch; a client's variable of that name would clash. */
const reservedVariable = 'representations';

/**
 * Plans an operation. The fields of a mutation run one after the other, each with everything below it: where planners
 * would run one before what belongs to another, they are planned one by one. One fetch alone is in the subgraph's hands.
 *
 * @param roll see {@link Planner.plan}
 * @throws AppError as {@link Planner.plan}
 */
export async function planOperation(
  planner: Planner,
  source: PlannerDocument,
  signal: AbortSignal,
  roll?: number,
): Promise<OperationPlan> {
  const { document, renamedVariables } = renameReservedVariable(toDocument(source), source);
  const plan = async (part: DocumentNode): Promise<PlanNode | undefined> => {
    const startedAtMs = performance.now();
    const text = printOperation(part);
    await turnAfter(startedAtMs);
    return (await planner.plan(text, undefined, signal, roll)).node ?? undefined;
  };

  const node = await plan(document);
  if (source.operation.operation !== 'mutation' || node === undefined || node.kind === 'Fetch') {
    return { node, renamedVariables };
  }
  const parts = splitMutation(document);
  if (parts.length === 1) return { node, renamedVariables };
  const nodes: PlanNode[] = [];
  for (const part of parts) {
    const step = await plan(part);
    if (step !== undefined) nodes.push(step);
  }
  return { node: { kind: 'Sequence', nodes }, renamedVariables };
}

function toDocument({ operation, fragments }: PlannerDocument): DocumentNode {
  return { kind: Kind.DOCUMENT, definitions: [operation, ...fragments] };
}

function renameReservedVariable(document: DocumentNode, { operation }: PlannerDocument) {
  const names = new Set(operation.variableDefinitions?.map((definition) => definition.variable.name.value));
  const renamedVariables = new Map<string, string>();
  if (!names.has(reservedVariable)) return { document, renamedVariables };
  let free = `${reservedVariable}_`;
  while (names.has(free)) free += '_';
  renamedVariables.set(free, reservedVariable);
  const renamed = visit(document, {
    Variable: (node) =>
      node.name.value === reservedVariable ? { ...node, name: { ...node.name, value: free } } : undefined,
  });
  return { document: renamed, renamedVariables };
}
