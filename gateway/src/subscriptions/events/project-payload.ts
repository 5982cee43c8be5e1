import { getNamedType, isObjectType, isInterfaceType, Kind, type FieldNode, type SelectionSetNode } from 'graphql';
import { isTreeObject, type ResultTree } from '../../execution/result-tree.js';
import type { Supergraph } from '../../planning/supergraph.js';
import { satisfies } from '../../planning/supergraph-facts.js';
import type { RootField } from './root-field.js';

/** An event does not say of which type something is, where it could be of several. */
export class UntypedPayload extends Error {
  override readonly name = 'UntypedPayload';
}

type Types = Pick<Supergraph, 'publicSchema' | 'facts'>;

/**
 * Gives the value of a field the form in which its subgraph would have answered: what is selected, under its aliases.
 *
 * @param typeName what the field is of
 * @throws UntypedPayload for an object of an abstract type without `__typename`
 */
export function projectPayload(payload: unknown, typeName: string, root: RootField, types: Types): unknown {
  const { selectionSet } = root.field;
  return project(payload, typeName, selectionSet === undefined ? [] : [selectionSet], root, types);
}

function project(
  value: unknown,
  typeName: string | undefined,
  sets: readonly SelectionSetNode[],
  root: RootField,
  types: Types,
): unknown {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map((item) => project(item, typeName, sets, root, types));
  if (sets.length === 0 || !isTreeObject(value)) return value;
  const ownType = typeOf(value, typeName, types);
  const fields = new Map<string, FieldNode[]>();
  for (const set of sets) collect(set, value, ownType ?? typeName, fields, root, types);
  return Object.fromEntries(
    [...fields].map(([key, nodes]) => {
      const name = nodes[0]?.name.value ?? key;
      if (name === '__typename') return [key, assertType(ownType, typeName)];
      const below = nodes.flatMap(({ selectionSet }) => (selectionSet === undefined ? [] : [selectionSet]));
      const fieldValue = Object.hasOwn(value, name) ? value[name] : null;
      return [key, project(fieldValue, fieldType(ownType ?? typeName, name, types), below, root, types)];
    }),
  );
}

function collect(
  { selections }: SelectionSetNode,
  value: ResultTree,
  typeName: string | undefined,
  fields: Map<string, FieldNode[]>,
  root: RootField,
  types: Types,
): void {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value;
      fields.set(key, [...(fields.get(key) ?? []), selection]);
      continue;
    }
    const spread = selection.kind === Kind.INLINE_FRAGMENT ? selection : root.fragments.get(selection.name.value);
    const condition = spread?.typeCondition?.name.value;
    if (spread === undefined) continue;
    if (condition !== undefined && condition !== typeName) {
      if (!satisfies(types.facts, assertType(typeOf(value, typeName, types), typeName), condition)) continue;
    }
    collect(spread.selectionSet, value, typeName, fields, root, types);
  }
}

/** @returns undefined where it could be of several types and does not say which */
function typeOf(value: ResultTree, typeName: string | undefined, { facts }: Types): string | undefined {
  const said = value['__typename'];
  if (typeof said === 'string') return said;
  return typeName !== undefined && facts.possibleTypes.has(typeName) ? undefined : typeName;
}

function assertType(type: string | undefined, declared: string | undefined): string {
  if (type === undefined) throw new UntypedPayload(`An event's ${declared ?? 'object'} has no __typename`);
  return type;
}

function fieldType(typeName: string | undefined, field: string, { publicSchema }: Types): string | undefined {
  const type = typeName === undefined ? undefined : publicSchema.getType(typeName);
  const found = isObjectType(type) || isInterfaceType(type) ? type.getFields()[field] : undefined;
  return found === undefined ? undefined : getNamedType(found.type).name;
}
