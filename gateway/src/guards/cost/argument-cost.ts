import {
  getNamedType,
  isInputObjectType,
  valueFromASTUntyped,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
} from 'graphql';
import { add, type Amount, type GivenVariables } from './amount.js';
import type { CostSchema } from './cost-schema.js';
import { hasVariable } from './has-variable.js';

/** What the arguments of a field cost: each input object, and each value with a `@cost`, wherever they stand. */
export function compileArgumentCost(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  costs: CostSchema,
  defaults: GivenVariables,
): Amount {
  const amounts = (node.arguments ?? []).map(({ name, value }): Amount => {
    const argument = field.args.find((candidate) => candidate.name === name.value);
    if (argument === undefined || isFree(argument, costs)) return 0;
    if (!hasVariable(value)) return costOfValue(argument, valueFromASTUntyped(value), costs);
    return (variables) => costOfValue(argument, valueFromASTUntyped(value, { ...defaults, ...variables }), costs);
  });
  return add(amounts);
}

function isFree(input: GraphQLArgument, costs: CostSchema): boolean {
  return !isInputObjectType(getNamedType(input.type)) && costs.weightOfInput(input) === 0;
}

/** Goes by the value, not by the type: types of input may contain themselves, values of JSON cannot. */
function costOfValue(input: GraphQLArgument | GraphQLInputField, value: unknown, costs: CostSchema): number {
  if (value === undefined || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + costOfValue(input, item, costs), 0);
  let cost = costs.weightOfInput(input);
  const type = getNamedType(input.type);
  if (!isInputObjectType(type) || typeof value !== 'object') return cost;
  const fields = type.getFields();
  for (const [name, item] of Object.entries(value)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field !== undefined) cost += costOfValue(field, item, costs);
  }
  return cost;
}
