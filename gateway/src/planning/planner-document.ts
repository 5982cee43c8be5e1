import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  type GraphQLCompositeType,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Decisions } from './conditions.js';
import type { ResultKeys } from './result-keys.js';
import type { Supergraph } from './supergraph.js';

/** An operation as a planner is given it. */
export interface PlannerDocument {
  readonly operation: OperationDefinitionNode;
  /** Only those that the operation reaches. */
  readonly fragments: readonly FragmentDefinitionNode[];
}

const typenameField: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/** Whether a directive leaves its selection out: planners are told of no conditions, which they do not plan rightly. */
function leavesOut({ name, arguments: given }: DirectiveNode, decisions: Decisions): boolean {
  const condition = given?.[0]?.value;
  const value =
    condition?.kind === Kind.BOOLEAN
      ? condition.value
      : condition?.kind === Kind.VARIABLE && decisions[condition.name.value] === true;
  return (name.value === 'skip' && value) || (name.value === 'include' && !value);
}

/** Without directives: subgraphs know none of them. */
function bare<Node extends SelectionNode>(selection: Node): Node {
  return { ...selection, directives: [] };
}

/**
 * Rewrites an operation for planning: conditions are decided, fields get their result keys as aliases, introspection is taken out (the gateway
 * answers it), and abstract types are asked for `__typename` where the answer depends on it: where fragments tell types
 * apart, and where some possible type is hidden, so that a hidden object is noticed.
 *
 * @returns undefined where no subgraph has to be asked
 */
export function toPlannerDocument(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  { publicSchema, facts }: Supergraph,
  keys: ResultKeys,
  decisions: Decisions,
): PlannerDocument | undefined {
  const sources = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) sources.set(definition.name.value, definition);
  }
  const fragments = new Map<string, FragmentDefinitionNode | undefined>();

  function mayBeHidden(type: GraphQLAbstractType): boolean {
    return (facts.possibleTypes.get(type.name)?.size ?? 0) > publicSchema.getPossibleTypes(type).length;
  }

  function tellsApart({ selections }: SelectionSetNode, type: GraphQLAbstractType): boolean {
    return selections.some((selection) => {
      if (selection.kind === Kind.FIELD) return false;
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : sources.get(selection.name.value);
      if (fragment === undefined) return false;
      const condition = fragment.typeCondition?.name.value;
      return (condition !== undefined && condition !== type.name) || tellsApart(fragment.selectionSet, type);
    });
  }

  function conditionType(name: string | undefined, parent: GraphQLCompositeType): GraphQLCompositeType {
    const type = name === undefined ? undefined : publicSchema.getType(name);
    return isCompositeType(type) ? type : parent;
  }

  function rewriteFragment(name: string, parent: GraphQLCompositeType): FragmentDefinitionNode | undefined {
    if (fragments.has(name)) return fragments.get(name);
    const source = sources.get(name);
    if (source === undefined) return undefined;
    const type = conditionType(source.typeCondition.name.value, parent);
    const selections = rewriteSelections(source.selectionSet.selections, type, false);
    const rewritten =
      selections.length === 0
        ? undefined
        : { ...source, directives: [], selectionSet: { kind: Kind.SELECTION_SET as const, selections } };
    fragments.set(name, rewritten);
    return rewritten;
  }

  function rewriteField(field: FieldNode, parent: GraphQLCompositeType): FieldNode {
    const key = keys.keyOf(field);
    const { name, arguments: given = [] } = field;
    const plain: FieldNode = { kind: Kind.FIELD, name, arguments: given };
    const aliased: FieldNode = key === name.value ? plain : { ...plain, alias: { kind: Kind.NAME, value: key } };
    if (field.selectionSet === undefined) return aliased;
    const definition = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name.value] : undefined;
    const type = definition === undefined ? parent : getNamedType(definition.type);
    if (!isCompositeType(type)) return aliased;
    const selections = rewriteSelections(field.selectionSet.selections, type, false);
    const needsTypename = isAbstractType(type) && (mayBeHidden(type) || tellsApart(field.selectionSet, type));
    if (selections.length === 0 || needsTypename) selections.push(typenameField);
    return { ...aliased, selectionSet: { kind: Kind.SELECTION_SET, selections } };
  }

  function rewriteSelections(
    sourceSelections: readonly SelectionNode[],
    parent: GraphQLCompositeType,
    isRoot: boolean,
  ): SelectionNode[] {
    const selections: SelectionNode[] = [];
    for (const selection of sourceSelections) {
      if (selection.directives?.some((directive) => leavesOut(directive, decisions)) === true) continue;
      if (selection.kind === Kind.FIELD) {
        const name = selection.name.value;
        if (name.startsWith('__') && (isRoot || name !== '__typename')) continue;
        selections.push(rewriteField(selection, parent));
      } else if (selection.kind === Kind.FRAGMENT_SPREAD) {
        if (rewriteFragment(selection.name.value, parent) !== undefined) selections.push(bare(selection));
      } else {
        const type = conditionType(selection.typeCondition?.name.value, parent);
        const inner = rewriteSelections(selection.selectionSet.selections, type, isRoot);
        if (inner.length === 0) continue;
        selections.push({ ...bare(selection), selectionSet: { kind: Kind.SELECTION_SET, selections: inner } });
      }
    }
    return selections;
  }

  const root = publicSchema.getRootType(operation.operation);
  if (root === undefined || root === null) return undefined;
  const selections = rewriteSelections(operation.selectionSet.selections, root, true);
  if (selections.length === 0) return undefined;
  return {
    operation: { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } },
    fragments: [...fragments.values()].filter((fragment) => fragment !== undefined),
  };
}
