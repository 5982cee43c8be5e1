import { Kind, type DirectiveNode } from 'graphql';
import type { GivenVariables } from './amount.js';

/** Whether something is selected; undefined: always. */
export type Condition = ((variables: GivenVariables) => boolean) | undefined;

const never: Condition = () => false;

/** Compiles `@skip` and `@include`. */
export function compileCondition(
  directives: readonly DirectiveNode[] | undefined,
  defaults: GivenVariables,
): Condition {
  let condition: Condition;
  for (const { name, arguments: given } of directives ?? []) {
    if (name.value !== 'skip' && name.value !== 'include') continue;
    const wanted = name.value === 'include';
    const value = given?.[0]?.value;
    if (value?.kind === Kind.BOOLEAN) {
      if (value.value !== wanted) return never;
    } else if (value?.kind === Kind.VARIABLE) {
      const variable = value.name.value;
      condition = allOf(condition, (variables) => (variables[variable] ?? defaults[variable]) === wanted);
    }
  }
  return condition;
}

/** Holds where both hold; without one of them, the other. */
export function allOf(left: Condition, right: Condition): Condition {
  if (left === undefined) return right;
  if (right === undefined || left === right) return left;
  return (variables) => left(variables) && right(variables);
}

/** Without any condition among them, nothing depends on the others. */
export function anyOf(conditions: readonly Condition[]): Condition {
  const known = conditions.flatMap((condition) => condition ?? []);
  if (known.length < conditions.length) return undefined;
  return known.length === 1 ? known[0] : (variables) => known.some((condition) => condition(variables));
}
