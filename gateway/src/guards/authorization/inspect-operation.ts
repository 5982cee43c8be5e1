import { Kind, type DocumentNode, type FieldNode, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';
import type { FieldRules } from './field-rules.js';
import { policiesOf, type Rules } from './rules.js';
import type { GuardedTypes } from './supergraph-types.js';

/** A place of an operation that not everybody may have. */
export interface ProtectedSelection {
  readonly field: FieldNode;
  /** `User.email` */
  readonly coordinate: string;
}

/** Selections of one operation that ask for the same. */
export interface ProtectedGroup {
  readonly rules: Rules;
  readonly selections: readonly ProtectedSelection[];
}

/** What an operation touches of what is protected. */
export interface Inspection {
  /** In the order in which the text first asks for them. */
  readonly groups: readonly ProtectedGroup[];
  /** The policies that its rules name. */
  readonly policies: readonly string[];
  /** The fields of the operation's root. */
  readonly rootFields: ReadonlySet<FieldNode>;
}

/**
 * Looks for protected fields in an operation that is valid. Every fragment is read once, as an object of its condition's
 * type could need it, so that this is linear in the text however often fragments spread each other.
 */
export function inspectOperation(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  rootType: string,
  types: GuardedTypes,
  { rulesOf }: FieldRules,
): Inspection {
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
  const groups = new Map<string, { readonly rules: Rules; readonly selections: ProtectedSelection[] }>();
  const rootFields = new Set<FieldNode>();
  const possibleTypesOf = (typeName: string): ReadonlySet<string> => types.get(typeName)?.possibleTypes ?? new Set();

  function inspectField(field: FieldNode, typeName: string, possibleTypes: ReadonlySet<string>): void {
    const name = field.name.value;
    if (name.startsWith('__')) return;
    const rules = rulesOf(typeName, possibleTypes, name);
    if (rules.size > 0) {
      const key = [...rules.keys()].sort().join();
      const group = groups.get(key) ?? { rules, selections: [] };
      groups.set(key, group);
      group.selections.push({ field, coordinate: `${typeName}.${name}` });
    }
    const resultType = types.get(typeName)?.fields.get(name)?.typeName;
    if (field.selectionSet !== undefined && resultType !== undefined) {
      inspect(field.selectionSet, resultType, possibleTypesOf(resultType), false);
    }
  }

  function inspect(set: SelectionSetNode, typeName: string, possibleTypes: ReadonlySet<string>, isRoot: boolean): void {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        if (isRoot) rootFields.add(selection);
        inspectField(selection, typeName, possibleTypes);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value ?? typeName;
        const narrowed = new Set([...possibleTypesOf(condition)].filter((name) => possibleTypes.has(name)));
        inspect(selection.selectionSet, condition, narrowed, isRoot);
      } else {
        const fragment = fragments.get(selection.name.value);
        if (fragment === undefined) continue;
        fragments.delete(selection.name.value);
        const condition = fragment.typeCondition.name.value;
        inspect(fragment.selectionSet, condition, possibleTypesOf(condition), isRoot);
      }
    }
  }

  inspect(operation.selectionSet, rootType, possibleTypesOf(rootType), true);
  const found = [...groups.values()];
  return { groups: found, policies: [...new Set(found.flatMap(({ rules }) => [...policiesOf(rules)]))], rootFields };
}
