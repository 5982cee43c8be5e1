import { Kind, type ConstDirectiveNode, type ConstValueNode, type DocumentNode } from 'graphql';
import type { Pieces } from './pieces.js';

/** What a supergraph says beside its public schema; hidden types and fields are included. */
export interface SupergraphFacts {
  /** Interface or union -> the object types that it can be. */
  readonly possibleTypes: ReadonlyMap<string, ReadonlySet<string>>;
  readonly fieldNames: ReadonlySet<string>;
  /** Fields that some key or `@requires` names: planners put their values under the bare name. */
  readonly required: ReadonlySet<string>;
  /** Those of them that are required with arguments. */
  readonly requiredWithArguments: ReadonlySet<string>;
}

/** Whether an object of this type satisfies a type condition. */
export function satisfies(facts: SupergraphFacts, typeName: string, condition: string): boolean {
  return typeName === condition || facts.possibleTypes.get(condition)?.has(typeName) === true;
}

/** Reads the facts out of a supergraph's document, a definition at a time. */
export function* factPieces(document: DocumentNode): Pieces<SupergraphFacts> {
  const possibleTypes = new Map<string, Set<string>>();
  const fieldNames = new Set<string>();
  const required = new Set<string>();
  const requiredWithArguments = new Set<string>();
  for (const definition of document.definitions) {
    yield;
    if (definition.kind === Kind.UNION_TYPE_DEFINITION) {
      for (const member of definition.types ?? []) setOf(possibleTypes, definition.name.value).add(member.name.value);
    }
    if (definition.kind === Kind.INTERFACE_TYPE_DEFINITION) setOf(possibleTypes, definition.name.value);
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION) {
      for (const { name } of definition.interfaces ?? []) {
        setOf(possibleTypes, name.value).add(definition.name.value);
      }
    }
    if (!('fields' in definition)) continue;
    const fields = definition.fields ?? [];
    for (const field of fields) fieldNames.add(field.name.value);
    const directives = [...(definition.directives ?? []), ...fields.flatMap((field) => field.directives ?? [])];
    for (const fieldSet of directives.flatMap(fieldSets)) {
      for (const [, name, parenthesis] of fieldSet.matchAll(/([_A-Za-z]\w*)\s*(\()?/g)) {
        if (name === undefined) continue;
        required.add(name);
        if (parenthesis !== undefined) requiredWithArguments.add(name);
      }
    }
  }
  return { possibleTypes, fieldNames, required, requiredWithArguments };
}

function setOf(sets: Map<string, Set<string>>, name: string): Set<string> {
  const found = sets.get(name) ?? new Set<string>();
  sets.set(name, found);
  return found;
}

/** What arguments take from a context is required too. */
function contextSelections(value: ConstValueNode): string[] {
  if (value.kind !== Kind.LIST) return [];
  return value.values.flatMap((item) =>
    item.kind !== Kind.OBJECT
      ? []
      : item.fields.flatMap((field) =>
          field.name.value === 'selection' && field.value.kind === Kind.STRING ? [field.value.value] : [],
        ),
  );
}

/** The texts of `key` and `requires`; names of types and arguments in them count as fields, which does no harm. */
function fieldSets(directive: ConstDirectiveNode): string[] {
  if (directive.name.value !== 'join__field' && directive.name.value !== 'join__type') return [];
  return (directive.arguments ?? []).flatMap(({ name, value }) => {
    if (name.value === 'contextArguments') return contextSelections(value);
    return (name.value === 'requires' || name.value === 'key') && value.kind === Kind.STRING ? [value.value] : [];
  });
}
