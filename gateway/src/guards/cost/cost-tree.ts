import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
  isUnionType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { multiply, type Amount, type GivenVariables } from './amount.js';
import { compileArgumentCost } from './argument-cost.js';
import { allOf, anyOf, compileCondition, type Condition } from './condition.js';
import type { CostSchema } from './cost-schema.js';
import type { CostedBranch, CostedField, CostedSelection } from './costed-selection.js';
import { compileListSize } from './list-size.js';
import { variableDefaults } from './variable-defaults.js';

/** Finds a fault of an operation that only its variables can show. */
export type FindFault = (variables: GivenVariables) => string | undefined;

/** An operation as its cost sees it; read once, counted for each request. */
export interface CostTree {
  readonly root: CostedSelection;
  readonly faults: readonly FindFault[];
}

/** Sizes that `@listSize(sizedFields:)` of the field above has set. */
type SizedFields = ReadonlyMap<string, Amount>;

interface Chosen {
  readonly selectionSet: SelectionSetNode;
  readonly condition: Condition;
}

interface Group {
  readonly nodes: FieldNode[];
  readonly conditions: Condition[];
}

const unsized: SizedFields = new Map();

/**
 * Reads a valid operation whose fragments spread to a bounded size: what different fragments select under one response key
 * is answered once, and so counts once. Every selection is visited as often as fragments spread it.
 */
export function buildCostTree(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  costs: CostSchema,
): CostTree | undefined {
  const { schema } = costs;
  const rootType = schema.getRootType(operation.operation);
  if (rootType == null) return undefined;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const defaults = variableDefaults(operation);
  const faults: FindFault[] = [];
  const possible = new Map<GraphQLCompositeType, ReadonlySet<string>>();

  function buildSelection(type: GraphQLCompositeType, chosen: readonly Chosen[], sized: SizedFields): CostedSelection {
    const groups = new Map<string, Group>();
    const branches: CostedBranch[] = [];

    function collect({ selectionSet, condition }: Chosen): void {
      for (const selection of selectionSet.selections) {
        const own = allOf(condition, compileCondition(selection.directives, defaults));
        if (selection.kind === Kind.FIELD) {
          const key = selection.alias?.value ?? selection.name.value;
          const group = groups.get(key) ?? { nodes: [], conditions: [] };
          groups.set(key, group);
          group.nodes.push(selection);
          group.conditions.push(own);
          continue;
        }
        const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
        if (fragment === undefined) continue;
        const narrowed = schema.getType(fragment.typeCondition?.name.value ?? type.name);
        if (!isCompositeType(narrowed)) continue;
        const inner = { selectionSet: fragment.selectionSet, condition: own };
        if (covers(narrowed, type)) collect(inner);
        else {
          branches.push({
            types: possibleNames(narrowed),
            condition: own,
            selection: buildSelection(narrowed, [{ ...inner, condition: undefined }], sized),
          });
        }
      }
    }

    for (const one of chosen) collect(one);
    const fields = [...groups].flatMap(([key, group]) => buildField(type, key, group, sized) ?? []);
    return { fields, branches };
  }

  function buildField(
    parent: GraphQLCompositeType,
    responseKey: string,
    { nodes, conditions }: Group,
    sized: SizedFields,
  ): CostedField | undefined {
    const [node] = nodes;
    const field = node !== undefined && 'getFields' in parent ? parent.getFields()[node.name.value] : undefined;
    if (node === undefined || field === undefined) return undefined;
    const type = getNamedType(field.type);
    const { size, inner } = sizesOf(parent, field, node, sized);
    return {
      responseKey,
      condition: anyOf(conditions),
      arguments: compileArgumentCost(field, node, costs, defaults),
      weight: costs.weightOfField(field),
      size,
      selection: isCompositeType(type)
        ? buildSelection(
            type,
            nodes.flatMap(({ selectionSet }) =>
              selectionSet === undefined ? [] : { selectionSet, condition: undefined },
            ),
            inner,
          )
        : undefined,
    };
  }

  function sizesOf(
    parent: GraphQLCompositeType,
    field: GraphQLField<unknown, unknown>,
    node: FieldNode,
    sized: SizedFields,
  ): { readonly size: Amount; readonly inner: SizedFields } {
    const levels = listLevels(field);
    const listSize = costs.listSizeOf(field);
    let own: Amount = costs.defaultListSize;
    let inner = unsized;
    if (listSize !== undefined) {
      const coordinate = `${parent.name}.${field.name}`;
      const sliced = compileListSize(coordinate, field, node, listSize, costs.defaultListSize, defaults);
      if (sliced.fault !== undefined) faults.push(sliced.fault);
      if (listSize.sizedFields.size === 0) own = sliced.size;
      else inner = new Map([...listSize.sizedFields].map((name) => [name, sliced.size]));
    }
    if (levels === 0) return { size: 1, inner };
    const outermost = sized.get(field.name) ?? own;
    return { size: multiply(outermost, costs.defaultListSize ** (levels - 1)), inner };
  }

  function possibleNames(type: GraphQLCompositeType): ReadonlySet<string> {
    const known = possible.get(type);
    if (known !== undefined) return known;
    const names = new Set(isObjectType(type) ? [type.name] : schema.getPossibleTypes(type).map(({ name }) => name));
    possible.set(type, names);
    return names;
  }

  /** Whether every object of one type is also of the other. */
  const covers = (wider: GraphQLCompositeType, type: GraphQLCompositeType): boolean =>
    wider === type || (!isObjectType(wider) && !isUnionType(type) && schema.isSubType(wider, type));

  const root = { selectionSet: operation.selectionSet, condition: undefined };
  return { root: buildSelection(rootType, [root], unsized), faults };
}

function listLevels({ type }: GraphQLField<unknown, unknown>): number {
  let levels = 0;
  for (let at = getNullableType(type); isListType(at); at = getNullableType(at.ofType)) levels += 1;
  return levels;
}
