import { Kind, parse, visit, type DirectiveNode, type DocumentNode, type FieldNode, type SelectionNode } from 'graphql';
import type { PlanNode, RequiresSelection } from '../query-plan.js';

/** As many plans as these have combinations are made at most. */
const maxConditions = 4;

const typenameField: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/**
 * Plans an operation as Apollo's planner plans it rightly: once for each value of the variables that mislead it.
 *
 * - It puts fields that are asked for anyway and fields that are asked for on a condition into one fetch, which then
 *   requires what is only there when the condition holds.
 * - It drops a field below which nothing is left because conditions exclude each other.
 *
 * @throws Error where the plan depends on too many conditions
 */
export function planByConditions(
  document: DocumentNode,
  plan: (document: DocumentNode) => PlanNode | undefined,
  depth = 0,
): PlanNode | undefined {
  const excluding = findExcluding(document);
  const node = excluding === undefined ? plan(document) : undefined;
  const condition = excluding ?? (node === undefined ? undefined : findCondition(node));
  if (condition === undefined) return node;
  if (depth === maxConditions) throw new Error(`Plan depends on more than ${maxConditions} conditions`);
  const [ifClause, elseClause] = [true, false].map((value) =>
    planByConditions(decide(document, condition, value), plan, depth + 1),
  );
  return { kind: 'Condition', condition, ifClause: ifClause ?? null, elseClause: elseClause ?? null };
}

/** A variable by which some fields are skipped and others included. */
function findExcluding(document: DocumentNode): string | undefined {
  const names = new Map<string, string>();
  let excluding: string | undefined;
  visit(document, {
    Directive(directive) {
      for (const variable of variableOf(directive)) {
        const name = directive.name.value;
        if ((names.get(variable) ?? name) !== name) excluding ??= variable;
        names.set(variable, name);
      }
    },
  });
  return excluding;
}

/** A variable on whose value some field depends that an entity fetch of the plan requires. */
function findCondition(node: PlanNode): string | undefined {
  const conditions = new Map<string, string>();
  const required = new Set<string>();
  collect(node, conditions, required);
  for (const [name, variable] of conditions) if (required.has(name)) return variable;
  return undefined;
}

function collect(node: PlanNode, conditions: Map<string, string>, required: Set<string>): void {
  switch (node.kind) {
    case 'Fetch':
      addNames(node.requires ?? [], required);
      if (/@(?:skip|include)\b/.test(node.operation)) addConditions(node.operation, conditions);
      break;
    case 'Flatten':
      collect(node.node, conditions, required);
      break;
    case 'Sequence':
    case 'Parallel':
      for (const child of node.nodes) collect(child, conditions, required);
      break;
    case 'Condition':
      for (const child of [node.ifClause, node.elseClause]) if (child != null) collect(child, conditions, required);
  }
}

function addNames(selections: readonly RequiresSelection[], names: Set<string>): void {
  for (const selection of selections) {
    if (selection.kind === 'FragmentSpread') continue;
    if (selection.kind === 'Field' && selection.name !== '__typename') names.add(selection.name);
    addNames(selection.selections ?? [], names);
  }
}

/** Field -> a variable that decides whether it is asked for. */
function addConditions(operation: string, conditions: Map<string, string>): void {
  const deciding: string[] = [];
  const enter = (node: SelectionNode): void => {
    const variables = (node.directives ?? []).flatMap(variableOf);
    deciding.push(...variables);
    const [variable] = deciding;
    if (node.kind === Kind.FIELD && variable !== undefined) conditions.set(node.name.value, variable);
  };
  const leave = (node: SelectionNode): void => {
    deciding.length -= (node.directives ?? []).flatMap(variableOf).length;
  };
  const visitor = { enter, leave };
  visit(parse(operation, { noLocation: true }), {
    [Kind.FIELD]: visitor,
    [Kind.INLINE_FRAGMENT]: visitor,
    [Kind.FRAGMENT_SPREAD]: visitor,
  });
}

function variableOf({ name, arguments: given }: DirectiveNode): string[] {
  const value = given?.[0]?.value;
  const isCondition = name.value === 'skip' || name.value === 'include';
  return isCondition && value?.kind === Kind.VARIABLE ? [value.name.value] : [];
}

/** The operation for one value of a variable: what it leaves out is gone, and the condition too. */
function decide(document: DocumentNode, variable: string, value: boolean): DocumentNode {
  const isDecided = (directive: DirectiveNode): boolean => variableOf(directive).includes(variable);
  const decideSelection = (node: SelectionNode): SelectionNode | null | undefined => {
    const decided = node.directives?.filter(isDecided) ?? [];
    if (decided.length === 0) return undefined;
    if (decided.some(({ name }) => (name.value === 'include') !== value)) return null;
    return { ...node, directives: node.directives?.filter((directive) => !isDecided(directive)) ?? [] };
  };
  return visit(document, {
    Field: { enter: decideSelection },
    InlineFragment: { enter: decideSelection },
    FragmentSpread: { enter: decideSelection },
    SelectionSet: {
      leave: (node) => (node.selections.length === 0 ? { ...node, selections: [typenameField] } : undefined),
    },
  });
}
