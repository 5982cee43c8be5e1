import type { IncomingMessage } from 'node:http';

/** Headers of which a second one would be dropped or joined by some parser on the way, and read by another. */
const singular: ReadonlySet<string> = new Set([
  'authorization',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
  'origin',
  'transfer-encoding',
  'x-request-id',
]);

/** @returns what is wrong with the headers of a request, before anybody reads them */
export function findHeaderFault(
  { rawHeaders, headers }: IncomingMessage,
  maxHeaders: number,
): { readonly status: 400 | 431; readonly message: string } | undefined {
  const count = rawHeaders.length / 2;
  if (count > maxHeaders) return { status: 431, message: `The request has more than ${maxHeaders} headers` };
  // As many names as lines: none came twice, and there is nothing to look for.
  if (Object.keys(headers).length === count) return undefined;
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    if (!singular.has(name)) continue;
    if (seen.has(name)) return { status: 400, message: `Header ${name} is given more than once` };
    seen.add(name);
  }
  return undefined;
}
