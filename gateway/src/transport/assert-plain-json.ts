import { AppError } from '@tessera/service/errors';

/** How deep `variables` and `extensions` may nest at all: deeper than any input type, far from the end of the stack. */
const maxNesting = 128;

/**
 * Refuses values of JSON that could do harm by being walked: those that nest without end, and those with a key `__proto__`,
 * which becomes the prototype of whatever they are copied to.
 *
 * @param name of the parameter, for the message
 * @throws AppError `BAD_USER_INPUT`
 */
export function assertPlainJson(name: string, root: object): void {
  // Level by level, because a recursive walk would overflow on the very input it looks for.
  let level: object[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxNesting) {
      throw new AppError('BAD_USER_INPUT', `Parameter ${name} nests deeper than ${maxNesting} levels`);
    }
    const next: object[] = [];
    for (const value of level) collect(name, value, next);
    level = next;
  }
}

function collect(name: string, value: object, into: object[]): void {
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) if (typeof item === 'object' && item !== null) into.push(item);
    return;
  }
  for (const [key, item] of Object.entries(value) as [string, unknown][]) {
    if (key === '__proto__') throw new AppError('BAD_USER_INPUT', `Parameter ${name} has a key __proto__`);
    if (typeof item === 'object' && item !== null) into.push(item);
  }
}
