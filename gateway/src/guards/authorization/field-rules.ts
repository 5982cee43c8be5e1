import { Kind, type SelectionSetNode } from 'graphql';
import { eitherRules, joinRules, noRules, type Rules } from './rules.js';
import type { GuardedTypes } from './supergraph-types.js';

/** Answers what the selection of a field asks of who asks for it. */
export interface FieldRules {
  /**
   * @param typeName the type that the field is selected on
   * @param possibleTypes the object types that can be there
   */
  rulesOf(typeName: string, possibleTypes: ReadonlySet<string>, fieldName: string): Rules;
}

/**
 * Prepares the rules of all fields. A field asks for what is said about itself, its type and the type it is on, and for
 * what is said about everything that it needs (`@requires`, `@fromContext`): else who may not read a field could read
 * what is computed from it. Selected on an interface it asks for what the field of each implementation asks for,
 * because any of them may be behind it.
 */
export function createFieldRules(types: GuardedTypes): FieldRules {
  const known = new Map<string, Rules>();

  function typeRules(typeName: string): Rules {
    return types.get(typeName)?.rules ?? noRules;
  }

  /** Of an interface or union at least one possible type must be allowed, or its objects could be counted. */
  function resultRules(typeName: string): Rules {
    const type = types.get(typeName);
    if (type === undefined || !type.isAbstract) return typeRules(typeName);
    return joinRules(type.rules, eitherRules([...type.possibleTypes].map(typeRules)));
  }

  function ownRules(typeName: string, fieldName: string): Rules {
    const coordinate = `${typeName}.${fieldName}`;
    const found = known.get(coordinate);
    if (found !== undefined) return found;
    const field = types.get(typeName)?.fields.get(fieldName);
    if (field === undefined) return noRules;
    // Needs that lead back here add nothing to what is being gathered.
    known.set(coordinate, noRules);
    const rules = joinRules(
      typeRules(typeName),
      field.rules,
      resultRules(field.typeName),
      ...field.interfaces.map((name) => types.get(name)?.fields.get(fieldName)?.rules ?? noRules),
      ...field.needs.map((need) => selectionRules(need.typeName, need.selectionSet)),
    );
    known.set(coordinate, rules);
    return rules;
  }

  function rulesOf(typeName: string, possibleTypes: ReadonlySet<string>, fieldName: string): Rules {
    const own = ownRules(typeName, fieldName);
    if (types.get(typeName)?.isAbstract !== true) return own;
    return joinRules(own, ...[...possibleTypes].map((possible) => ownRules(possible, fieldName)));
  }

  function selectionRules(typeName: string, { selections }: SelectionSetNode): Rules {
    const possibleTypes = types.get(typeName)?.possibleTypes ?? new Set();
    const rules = selections.map((selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return noRules;
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value ?? typeName;
        return joinRules(typeRules(condition), selectionRules(condition, selection.selectionSet));
      }
      const fieldName = selection.name.value;
      const resultType = types.get(typeName)?.fields.get(fieldName)?.typeName;
      const below =
        selection.selectionSet === undefined || resultType === undefined
          ? noRules
          : selectionRules(resultType, selection.selectionSet);
      return joinRules(rulesOf(typeName, possibleTypes, fieldName), below);
    });
    return joinRules(typeRules(typeName), ...rules);
  }

  return { rulesOf };
}
