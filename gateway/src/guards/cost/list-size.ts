import { Kind, valueFromASTUntyped, type FieldNode, type GraphQLField } from 'graphql';
import type { Amount, GivenVariables } from './amount.js';
import type { ListSize } from './cost-directives.js';
import { hasVariable } from './has-variable.js';

/** How many items a field with `@listSize` can answer, and what is wrong with how the operation asks for them. */
export interface SlicedSize {
  readonly size: Amount;
  /** @returns a message where the schema wants exactly one slicing argument and the operation does not give it */
  readonly fault: ((variables: GivenVariables) => string | undefined) | undefined;
}

/** JSON can say 1e400, which is infinite here: no number to go on with. */
const largestSize = 1e9;

/**
 * Compiles the size of a list out of its slicing arguments: the largest of those given, else the assumed size.
 *
 * @param defaults of the operation's variables
 */
export function compileListSize(
  coordinate: string,
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  listSize: ListSize,
  fallbackSize: number,
  defaults: GivenVariables,
): SlicedSize {
  const { assumedSize = fallbackSize, slicingArguments, requireOneSlicingArgument } = listSize;
  if (slicingArguments.length === 0) return { size: assumedSize, fault: undefined };
  const slices = slicingArguments.map((name) => compileSlice(name, field, node, defaults));
  const given = (variables: GivenVariables): number[] => slices.flatMap((slice) => slice(variables) ?? []);
  const sizeFor = (variables: GivenVariables): number => {
    const sizes = given(variables);
    return sizes.length === 0 ? assumedSize : Math.min(largestSize, Math.max(0, ...sizes));
  };
  const size = node.arguments?.some(({ value }) => hasVariable(value)) === true ? sizeFor : sizeFor({});
  if (!requireOneSlicingArgument) return { size, fault: undefined };
  return {
    size,
    fault: (variables) =>
      given(variables).length === 1
        ? undefined
        : `Field ${coordinate} needs exactly one of the arguments ${slicingArguments.join(', ')}`,
  };
}

function compileSlice(
  name: string,
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  defaults: GivenVariables,
): (variables: GivenVariables) => number | undefined {
  const argument = field.args.find((candidate) => candidate.name === name);
  const value = node.arguments?.find((candidate) => candidate.name.value === name)?.value;
  const read = (variables: GivenVariables): unknown => {
    if (value === undefined) return undefined;
    if (value.kind !== Kind.VARIABLE) return valueFromASTUntyped(value);
    return Object.hasOwn(variables, value.name.value) ? variables[value.name.value] : defaults[value.name.value];
  };
  return (variables) => {
    // A variable that is not there leaves the argument out, so that its default holds; null does not.
    const given = read(variables);
    const size = given === undefined ? argument?.defaultValue : given;
    return typeof size === 'number' && !Number.isNaN(size) ? size : undefined;
  };
}
