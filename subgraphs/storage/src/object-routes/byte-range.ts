import type { ByteRange } from '../object-store/file-system-store.js';

/**
 * Reads a `Range` header (RFC 9110, 14.2) of one range. What is not that is ignored, as the standard allows: also many
 * ranges at once, which are a known way to make a server work. Of an empty object there is no range, so it comes whole: some
 * clients ask for one of everything.
 *
 * @returns undefined for the whole object, `unsatisfiable` for a range that lies outside
 */
export function parseByteRange(header: string | undefined, sizeBytes: number): ByteRange | 'unsatisfiable' | undefined {
  if (sizeBytes === 0) return undefined;
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') return lastBytes(last, sizeBytes);
  const range = { first: Number(first), last: last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1) };
  if (last !== '' && Number(last) < range.first) return undefined;
  return range.first < sizeBytes ? range : 'unsatisfiable';
}

function lastBytes(count: string, sizeBytes: number): ByteRange | 'unsatisfiable' | undefined {
  if (count === '') return undefined;
  if (Number(count) === 0) return 'unsatisfiable';
  return { first: Math.max(0, sizeBytes - Number(count)), last: sizeBytes - 1 };
}
