import type { FormattedExecutionResult } from 'graphql';
import type { GivenVariables } from './amount.js';
import type { OperationCost } from './operation-cost.js';

/** A client asks for costs by `extensions: { cost: true }`, or by the header `x-graphql-cost: true`, which a transport reads. */
export function wantsCost(
  extensions: Readonly<Record<string, unknown>> | undefined,
  context: { readonly wantsCost?: boolean },
): boolean {
  return context.wantsCost === true || extensions?.['cost'] === true;
}

/** Puts what an operation could have cost, and what it did, beside its answer: `extensions.cost`. */
export function withCost(
  answer: FormattedExecutionResult,
  { cost, costs }: { readonly cost: number; readonly costs: OperationCost },
  variables: GivenVariables | undefined,
): FormattedExecutionResult {
  const told = { static: cost, actual: costs.actual(answer.data, variables) };
  // Without what a transport may know of it: the bytes that may be kept are those without this.
  const { errors, data, extensions } = answer;
  return {
    ...(errors !== undefined && { errors }),
    ...(data !== undefined && { data }),
    extensions: { ...extensions, cost: told },
  };
}
