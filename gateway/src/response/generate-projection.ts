import {
  getNamedType,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import type { OperationCode } from '../execution/generated-code.js';
import type { ResultTree } from '../execution/result-tree.js';
import type { ResultKeys } from '../planning/result-keys.js';
import type { CollectFields } from './collect-fields.js';
import { fault } from './fault.js';
import {
  generateList,
  generateObject,
  generateTypeChoice,
  type FieldCode,
  type ProjectFast,
  type ValueCode,
} from './projection-code.js';
import { scalarChecks } from './scalar-checks.js';

/**
 * Projects a result tree in which nothing is wrong.
 *
 * @returns undefined where something is: who tells what, and what becomes of it, is `compileProjection`
 */
export type ProjectFaultless = (tree: ResultTree) => Readonly<Record<string, unknown>> | undefined;

/**
 * Generates the projection of an operation for one choice of its conditional fields, for when it has proved busy.
 *
 * @returns undefined for an operation that introspects
 */
export function generateProjection(
  schema: GraphQLSchema,
  root: GraphQLCompositeType,
  selectionSet: SelectionSetNode,
  collectFields: CollectFields,
  { keys, code }: { readonly keys: ResultKeys; readonly code: OperationCode },
): ProjectFaultless | undefined {
  for (const nodes of collectFields(root, [selectionSet]).fields.values()) {
    if (nodes.some((node) => node.name.value === '__schema' || node.name.value === '__type')) return undefined;
  }
  let lists = 0;

  function object(type: GraphQLCompositeType, selectionSets: readonly SelectionSetNode[]): ProjectFast {
    const fields = [...collectFields(type, selectionSets).fields].flatMap(([responseKey, nodes]) => {
      const found = field(type, nodes);
      return found === undefined ? [] : [{ responseKey, ...found }];
    });
    return generateObject(fields, code);
  }

  function field(
    parent: GraphQLCompositeType,
    nodes: readonly FieldNode[],
  ): Omit<FieldCode, 'responseKey'> | undefined {
    const [first] = nodes;
    if (first === undefined) return undefined;
    const name = first.name.value;
    const resultKey = keys.keyOf(first);
    if (name === '__typename') return { resultKey, constant: parent.name };
    const definition = 'getFields' in parent ? parent.getFields()[name] : undefined;
    return definition === undefined ? undefined : { resultKey, ...value(definition.type, nodes) };
  }

  function value(type: GraphQLOutputType, nodes: readonly FieldNode[]): ValueCode {
    const isNonNull = isNonNullType(type);
    const nullable = isNonNull ? type.ofType : type;
    if (isEnumType(nullable)) return { isNonNull, names: new Set(nullable.getValues().map(({ name }) => name)) };
    if (!isScalarType(nullable)) return { isNonNull, project: composite(nullable, nodes) };
    const check = scalarChecks.get(nullable.name);
    return check === undefined ? { isNonNull } : { isNonNull, check };
  }

  function composite(type: GraphQLOutputType, nodes: readonly FieldNode[]): ProjectFast {
    if (isListType(type)) {
      const isShared = !isLeafType(getNamedType(type));
      return generateList(value(type.ofType, nodes), isShared ? lists++ : undefined, code);
    }
    const selectionSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (isObjectType(type)) return object(type, selectionSets);
    if (isAbstractType(type)) return choice(type, selectionSets);
    throw fault;
  }

  /** Types are met one by one; most of what an interface could be never is. */
  function choice(type: GraphQLAbstractType, selectionSets: readonly SelectionSetNode[]): ProjectFast {
    return generateTypeChoice((typename) => {
      const runtimeType = typename === undefined ? undefined : schema.getType(typename);
      if (runtimeType === undefined || isAbstractType(runtimeType)) {
        if (typename !== undefined && runtimeType === undefined) throw fault;
        if (collectFields(type, selectionSets).dependsOnType) throw fault;
        return object(type, selectionSets);
      }
      if (!isObjectType(runtimeType) || !schema.isSubType(type, runtimeType)) throw fault;
      return object(runtimeType, selectionSets);
    });
  }

  const project = object(root, [selectionSet]);
  return (tree) => {
    try {
      return project(tree, []) as Readonly<Record<string, unknown>>;
    } catch (thrown) {
      if (thrown === fault) return undefined;
      throw thrown;
    }
  };
}
