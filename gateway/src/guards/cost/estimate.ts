import { add, amountOf, largest, multiply, type Amount } from './amount.js';
import type { Condition } from './condition.js';
import type { CostedBranch, CostedField, CostedSelection } from './costed-selection.js';

/** More types than this are not told apart: their branches are added up, which is never too little. */
const maxTypes = 100;

/** The most that a selection can cost. @param base what each of its fields costs beside its weight */
export function estimateSelection({ fields, branches }: CostedSelection, base = 0): Amount {
  return add([...fields.map((field) => estimateField(field, base)), estimateBranches(branches, base)]);
}

function estimateField({ condition, size, weight, arguments: given, selection }: CostedField, base: number): Amount {
  const each = add([weight, selection === undefined ? 0 : estimateSelection(selection)]);
  return when(condition, add([base, given, multiply(size, each)]));
}

/** An object has one type, so of all branches it takes those that hold its type: the dearest type counts. */
function estimateBranches(branches: readonly CostedBranch[], base: number): Amount {
  if (branches.length === 0) return 0;
  const amounts = branches.map(({ condition, selection }) => when(condition, estimateSelection(selection, base)));
  const types = new Set(branches.flatMap((branch) => [...branch.types]));
  if (types.size > maxTypes) return add(amounts);
  const byType = new Map<string, Amount>();
  for (const type of types) {
    const chosen = amounts.filter((_, index) => branches[index]?.types.has(type));
    byType.set(type, add(chosen));
  }
  return largest([...byType.values()]);
}

function when(condition: Condition, amount: Amount): Amount {
  if (condition === undefined || amount === 0) return amount;
  return (variables) => (condition(variables) ? amountOf(amount, variables) : 0);
}
