import { maxErrors } from '@tessera/gateway/response/projection-state';
import type { FormattedExecutionResult } from 'graphql';

type Path = readonly (string | number)[];

/**
 * Tells how two answers differ: their data as text, and the places where something went wrong.
 *
 * An error counts at the null that it left: where several fields below one place fail that must not be null, an
 * executor may report any of them (specification, section 6.4.4). Of more errors than are told in one answer, those that are
 * told have to be among them.
 *
 * @returns undefined where they do not differ
 */
export function compareAnswers(
  actual: FormattedExecutionResult,
  expected: FormattedExecutionResult,
): string | undefined {
  if (JSON.stringify(actual.data) !== JSON.stringify(expected.data)) return 'data';
  const [told, failed] = [errorPlaces(actual), errorPlaces(expected)];
  const isCut = actual.errors?.length === maxErrors;
  const isAmongThem = [...told].every((place) => failed.has(place));
  return isAmongThem && (isCut || told.size === failed.size) ? undefined : 'errors';
}

function errorPlaces({ data, errors = [] }: FormattedExecutionResult): ReadonlySet<string> {
  return new Set(errors.map(({ path }) => (path === undefined ? 'nowhere' : nullAt(data, path).join('/'))));
}

function nullAt(data: unknown, path: Path): Path {
  let value = data;
  for (const [depth, key] of path.entries()) {
    if (value === null || value === undefined) return path.slice(0, depth);
    if (typeof value !== 'object' || !Object.hasOwn(value, key)) return [...path, 'which is not in the data'];
    value = (value as Record<string | number, unknown>)[key];
  }
  return value === null ? path : [...path, 'which is not null'];
}
