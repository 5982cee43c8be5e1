import { amountOf, type GivenVariables } from './amount.js';
import type { CostedField, CostedSelection } from './costed-selection.js';

/**
 * Counts what an answer has cost, by the weights of its estimate and the sizes that lists really have.
 *
 * @param base what each field of this selection costs beside its weight
 */
export function countActualCost(
  selection: CostedSelection,
  data: unknown,
  variables: GivenVariables,
  base = 0,
): number {
  const counted = new Set<string>();
  let cost = 0;

  function count({ fields, branches }: CostedSelection, object: object): void {
    for (const field of fields) {
      const { responseKey, arguments: given } = field;
      if (counted.has(responseKey) || !Object.hasOwn(object, responseKey)) continue;
      counted.add(responseKey);
      const value = (object as Readonly<Record<string, unknown>>)[responseKey];
      cost += base + amountOf(given, variables) + countValue(field, value, variables);
    }
    // Which type an object has its answer need not say, but it says what was selected for it.
    for (const branch of branches) count(branch.selection, object);
  }

  if (typeof data === 'object' && data !== null) count(selection, data);
  return cost;
}

function countValue(field: CostedField, value: unknown, variables: GivenVariables): number {
  if (value === null || value === undefined) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countValue(field, item, variables), 0);
  return field.weight + (field.selection === undefined ? 0 : countActualCost(field.selection, value, variables));
}
