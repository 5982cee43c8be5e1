import { AppError } from '@tessera/service/errors';

/** The most that the values of variables may be, whatever their types. */
export interface VariableLimits {
  /** Levels of lists and objects. */
  readonly maxDepth: number;
  /** Items of one list. */
  readonly maxListItems: number;
}

/**
 * Holds variables to their limits. That they do not nest without end the transports have seen to.
 *
 * @throws AppError `BAD_USER_INPUT`
 */
export function assertVariablesWithin(variables: object, { maxDepth, maxListItems }: VariableLimits): void {
  for (const [name, value] of Object.entries(variables)) {
    if (typeof value === 'object' && value !== null) assertWithin(name, value, 1);
  }

  function assertWithin(name: string, value: object, depth: number): void {
    if (depth > maxDepth) {
      throw new AppError('BAD_USER_INPUT', `Variable ${shown(name)} nests deeper than ${maxDepth} levels`, {
        details: { limit: maxDepth },
      });
    }
    const items: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
    if (Array.isArray(value) && items.length > maxListItems) {
      throw new AppError('BAD_USER_INPUT', `Variable ${shown(name)} has a list of more than ${maxListItems} items`, {
        details: { limit: maxListItems },
      });
    }
    for (const item of items) if (typeof item === 'object' && item !== null) assertWithin(name, item, depth + 1);
  }
}

/** Names come from the client, and may be as long as a body. */
function shown(name: string): string {
  return name.length <= 64 ? name : `${name.slice(0, 64)}...`;
}
