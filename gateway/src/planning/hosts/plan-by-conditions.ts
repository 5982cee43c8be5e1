import {
  Kind,
  parse,
  visit,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { PlanNode, RequiresSelection } from '../query-plan.js';

/** As many plans as these have combinations are made at most. */
const maxConditions = 4;

const typenameField: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/**
 * Plans an operation as planners plan it rightly: once for each value of the variables that mislead them.
 *
 * - They put fields that are asked for anyway and fields that are asked for on a condition into one fetch, which then
 *   requires what is only there when the condition holds.
 * - Apollo's drops a field below which nothing is left because conditions exclude each other.
 *
 * @throws Error where the plan depends on too many conditions
 */
export async function planByConditions(
  document: DocumentNode,
  plan: (document: DocumentNode) => Promise<PlanNode | undefined>,
  depth = 0,
): Promise<PlanNode | undefined> {
  const excluding = findExcluding(document);
  const node = excluding === undefined ? await plan(document) : undefined;
  const condition = excluding ?? (node === undefined ? undefined : findCondition(node));
  if (condition === undefined) return node;
  if (depth === maxConditions) throw new Error(`Plan depends on more than ${maxConditions} conditions`);
  const ifClause = await planByConditions(decide(document, condition, true), plan, depth + 1);
  const elseClause = await planByConditions(decide(document, condition, false), plan, depth + 1);
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

/** What a plan's fetches require and what they ask for on a condition. */
interface Dependence {
  /** Field -> the variables that decide whether it is asked for. */
  readonly conditional: Map<string, Set<string>>;
  /** Fields that entity fetches require, each with the variables that are decided where they run. */
  readonly required: { readonly name: string; readonly decided: readonly string[] }[];
}

/** A variable on whose value some field depends that an entity fetch of the plan requires. */
function findCondition(root: PlanNode): string | undefined {
  const dependence: Dependence = { conditional: new Map(), required: [] };
  collect(root, [], dependence);
  for (const { name, decided } of dependence.required) {
    for (const variable of dependence.conditional.get(name) ?? []) if (!decided.includes(variable)) return variable;
  }
  return undefined;
}

function collect(node: PlanNode, decided: readonly string[], dependence: Dependence): void {
  const addFetch = (operation: string, requires: readonly (readonly RequiresSelection[])[]): void => {
    for (const name of requires.flatMap(fieldNames)) dependence.required.push({ name, decided });
    if (/@(?:skip|include)\b/.test(operation)) addConditional(operation, dependence.conditional);
  };
  switch (node.kind) {
    case 'Fetch':
      addFetch(node.operation, [node.requires ?? []]);
      break;
    case 'BatchFetch':
      addFetch(
        node.operation,
        node.entityBatch.aliases.map(({ requires }) => requires),
      );
      break;
    case 'Flatten':
      collect(node.node, decided, dependence);
      break;
    case 'Sequence':
    case 'Parallel':
      for (const child of node.nodes) collect(child, decided, dependence);
      break;
    case 'Condition':
      for (const child of [node.ifClause, node.elseClause]) {
        if (child != null) collect(child, [...decided, node.condition], dependence);
      }
  }
}

function fieldNames(selections: readonly RequiresSelection[]): string[] {
  return selections.flatMap((selection) => {
    if (selection.kind === 'FragmentSpread') return [];
    const below = fieldNames(selection.selections ?? []);
    return selection.kind === 'Field' && selection.name !== '__typename' ? [selection.name, ...below] : below;
  });
}

/** Finds the fields of a fetch that one object is asked for on a condition alone. */
function addConditional(operation: string, conditional: Dependence['conditional']): void {
  const document = parse(operation, { noLocation: true });
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition.selectionSet);
  }

  const occurrences = new Map<string, number>();
  visit(document, {
    Field: (node) => void occurrences.set(responseKey(node), (occurrences.get(responseKey(node)) ?? 0) + 1),
  });

  /** @param scopes what is asked for anyway: of all objects, then of those of the fragments' types around */
  function scan({ selections }: SelectionSetNode, deciding: readonly string[], scopes: readonly Set<string>[]): void {
    const known = selections.flatMap((selection) =>
      selection.kind === Kind.FIELD && deciding.length === 0 && variablesOf(selection).length === 0
        ? [responseKey(selection)]
        : [],
    );
    const inner = [...scopes, new Set(known)];
    for (const selection of selections) {
      const variables = [...deciding, ...variablesOf(selection)];
      if (selection.kind !== Kind.FIELD) {
        const below =
          selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragments.get(selection.name.value);
        if (below !== undefined) scan(below, variables, inner);
        continue;
      }
      const key = responseKey(selection);
      if (variables.length > 0 && !inner.some((scope) => scope.has(key))) {
        conditional.set(key, new Set([...(conditional.get(key) ?? []), ...variables]));
      }
      // What is needed of an object that is only there on a condition is there too, unless it is asked for twice.
      const isAlone = (occurrences.get(key) ?? 0) < 2;
      if (selection.selectionSet !== undefined) scan(selection.selectionSet, isAlone ? [] : variables, []);
    }
  }

  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) scan(definition.selectionSet, [], []);
  }
}

function responseKey({ alias, name }: FieldNode): string {
  return alias?.value ?? name.value;
}

function variablesOf({ directives = [] }: SelectionNode): string[] {
  return directives.flatMap(variableOf);
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
