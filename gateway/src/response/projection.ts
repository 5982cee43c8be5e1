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
  type GraphQLEnumType,
  type GraphQLOutputType,
  type GraphQLScalarType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import { FailedField } from '../execution/failed-field.js';
import { isTreeObject } from '../execution/result-tree.js';
import type { ResultKeys } from '../planning/result-keys.js';
import type { CollectFields } from './collect-fields.js';
import { completeOnce } from './complete-once.js';
import { compileObject, type Complete, type FieldProjection, type ProjectObject } from './project-object.js';
import { reportedNull } from './projection-state.js';
import { scalarChecks } from './scalar-checks.js';

/**
 * Compiles the projection of an operation, or of a fragment on some type, for one choice of its conditional fields: a function of the result tree that
 * completes values as the specification says (section 6.4.3). Objects of abstract types are compiled when first met.
 */
export function compileProjection(
  schema: GraphQLSchema,
  root: GraphQLCompositeType,
  selectionSet: SelectionSetNode,
  collectFields: CollectFields,
  keys: ResultKeys,
): ProjectObject {
  function project(type: GraphQLCompositeType, selectionSets: readonly SelectionSetNode[]) {
    const { fields, dependsOnType } = collectFields(type, selectionSets);
    const projections = [...fields].flatMap(([responseKey, [first, ...others]]) =>
      first === undefined ? [] : (projectField(type, responseKey, [first, ...others]) ?? []),
    );
    return { projection: compileObject(projections), dependsOnType };
  }

  function projectField(
    parent: GraphQLCompositeType,
    responseKey: string,
    nodes: readonly [FieldNode, ...FieldNode[]],
  ): FieldProjection | undefined {
    const [first] = nodes;
    const name = first.name.value;
    const resultKey = keys.keyOf(first);
    if (name === '__typename') {
      return { responseKey, resultKey, isNonNull: true, complete: () => parent.name };
    }
    if (name.startsWith('__')) {
      return {
        responseKey,
        resultKey,
        isNonNull: false,
        complete: (_value, state) => state.introspection[responseKey],
      };
    }
    const field = 'getFields' in parent ? parent.getFields()[name] : undefined;
    if (field === undefined) return undefined;
    const complete = completeType(field.type, nodes, `${parent.name}.${name}`);
    return { responseKey, resultKey, isNonNull: isNonNullType(field.type), complete };
  }

  function completeType(type: GraphQLOutputType, nodes: readonly FieldNode[], coordinate: string): Complete {
    if (isNonNullType(type)) return completeNonNull(completeType(type.ofType, nodes, coordinate), coordinate);
    if (isListType(type)) {
      const item = completeType(type.ofType, nodes, coordinate);
      const list = completeList(item, isNonNullType(type.ofType), coordinate);
      return isLeafType(getNamedType(type)) ? list : completeOnce(list);
    }
    if (isEnumType(type)) return completeEnum(type);
    if (isScalarType(type)) return completeScalar(type);
    if (isObjectType(type)) return completeComposite(coordinate, project(type, selectionSetsOf(nodes)).projection);
    return completeAbstract(type, selectionSetsOf(nodes), coordinate);
  }

  function completeAbstract(
    type: GraphQLAbstractType,
    selectionSets: readonly SelectionSetNode[],
    coordinate: string,
  ): Complete {
    const projections = new Map<string, ProjectObject>();
    const common = project(type, selectionSets);

    function projectionOf(typename: string): ProjectObject | undefined {
      const known = projections.get(typename);
      if (known !== undefined) return known;
      const runtimeType = schema.getType(typename);
      if (!isObjectType(runtimeType) || !schema.isSubType(type, runtimeType)) return undefined;
      const { projection } = project(runtimeType, selectionSets);
      projections.set(typename, projection);
      return projection;
    }

    return completeComposite(coordinate, (value, state) => {
      const typename = value['__typename'];
      const isUnknown = typeof typename !== 'string' || isAbstractType(schema.getType(typename));
      if (isUnknown && !common.dependsOnType) return common.projection(value, state);
      if (typename instanceof FailedField) return state.fail(typename);
      const projection = typeof typename === 'string' ? projectionOf(typename) : undefined;
      if (projection === undefined) return state.reject(`Field ${coordinate} has an object of an unknown type`);
      return projection(value, state);
    });
  }

  if (isAbstractType(root)) return completeAbstract(root, [selectionSet], root.name);
  return project(root, [selectionSet]).projection;
}

function selectionSetsOf(nodes: readonly FieldNode[]): SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
}

function completeScalar({ name }: GraphQLScalarType): Complete {
  const check = scalarChecks.get(name);
  return (value, state) => {
    if (value === null || value === undefined) return null;
    if (value instanceof FailedField) return state.fail(value);
    if (check === undefined || check.isValue(value)) return value;
    return state.reject(`Scalar ${name} has no such value as a subgraph answered`);
  };
}

function completeEnum(type: GraphQLEnumType): Complete {
  const names = new Set(type.getValues().map(({ name }) => name));
  return (value, state) => {
    if (value === null || value === undefined) return null;
    if (value instanceof FailedField) return state.fail(value);
    if (typeof value === 'string' && names.has(value)) return value;
    return state.reject(`Enum ${type.name} has no such value as a subgraph answered`);
  };
}

function completeNonNull(complete: Complete, coordinate: string): Complete {
  return (value, state) => {
    const completed = complete(value, state);
    return completed === null ? state.reject(`Cannot return null for non-nullable field ${coordinate}.`) : completed;
  };
}

function completeList(complete: Complete, isNonNullItem: boolean, coordinate: string): Complete {
  return (value, state) => {
    if (value === null || value === undefined) return null;
    if (value instanceof FailedField) return state.fail(value);
    if (!Array.isArray(value)) return state.reject(`Field ${coordinate} is not a list`);
    const { depth, path } = state;
    const items: unknown[] = [];
    state.depth = depth + 1;
    for (let index = 0; index < value.length; index += 1) {
      path[depth] = index;
      const item = complete(value[index], state);
      if (item !== reportedNull) items.push(item);
      else if (!isNonNullItem) items.push(null);
      else {
        state.depth = depth;
        return reportedNull;
      }
    }
    state.depth = depth;
    return items;
  };
}

function completeComposite(coordinate: string, projection: ProjectObject): Complete {
  return (value, state) => {
    if (value === null || value === undefined) return null;
    if (value instanceof FailedField) return state.fail(value);
    if (!isTreeObject(value)) return state.reject(`Field ${coordinate} is not an object`);
    return projection(value, state);
  };
}
