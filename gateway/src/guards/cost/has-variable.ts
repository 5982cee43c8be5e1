import { visit, type ValueNode } from 'graphql';

/** Whether a value in the text of an operation depends on its variables. */
export function hasVariable(value: ValueNode): boolean {
  let found = false;
  visit(value, { Variable: () => void (found = true) });
  return found;
}
