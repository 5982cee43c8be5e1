import { Kind, type OperationDefinitionNode, type VariableDefinitionNode } from 'graphql';

type Values = Readonly<Record<string, unknown>>;

/** Takes variables over as they are. @returns undefined where that would not do */
export type TakeVariables = (given: Values) => Values | undefined;

/** Whether a value is what the scalar's coercion would make of it. */
const isCoerced: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['Boolean', (value) => typeof value === 'boolean'],
  ['Float', (value) => Number.isFinite(value)],
  ['ID', (value) => typeof value === 'string'],
  ['Int', (value) => Number.isInteger(value) && value === Number(value) >> 0],
  ['String', (value) => typeof value === 'string'],
]);

/**
 * Compiles a short way for what most operations have: variables of the built-in scalars, given as what they are. Whatever
 * is defaulted, converted or wrong goes the long way through graphql-js, which is the truth about coercion.
 *
 * @returns undefined for an operation that has other variables
 */
export function compileTakeVariables({ variableDefinitions = [] }: OperationDefinitionNode): TakeVariables | undefined {
  const readers = variableDefinitions.map(readDefinition);
  if (!readers.every((reader) => reader !== undefined)) return undefined;
  return (given) => {
    const values: Record<string, unknown> = {};
    for (const { name, accepts } of readers) {
      const value = Object.hasOwn(given, name) ? given[name] : undefined;
      if (!accepts(value)) return undefined;
      values[name] = value;
    }
    return values;
  };
}

function readDefinition({ variable, type }: VariableDefinitionNode) {
  const named = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
  const accepts = named.kind === Kind.NAMED_TYPE ? isCoerced.get(named.name.value) : undefined;
  const name = variable.name.value;
  return accepts === undefined || name === '__proto__' ? undefined : { name, accepts };
}
