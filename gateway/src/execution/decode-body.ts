import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { OversizedAnswer, errorCodeOf } from './subgraph-errors.js';

const decoders = new Map([
  ['gzip', promisify<Buffer, { readonly maxOutputLength: number }, Buffer>(gunzip)],
  ['x-gzip', promisify<Buffer, { readonly maxOutputLength: number }, Buffer>(gunzip)],
  ['br', promisify<Buffer, { readonly maxOutputLength: number }, Buffer>(brotliDecompress)],
  ['deflate', promisify<Buffer, { readonly maxOutputLength: number }, Buffer>(inflate)],
]);

/**
 * Undoes a content coding, off the event loop.
 *
 * @param maxBytes how large the text may get: a small answer may be a large one in disguise
 * @throws OversizedAnswer; Error for a coding that is not known, and for bytes that are not of that coding
 */
export async function decodeBody(bytes: Buffer, coding: string, maxBytes: number): Promise<Buffer> {
  const decode = decoders.get(coding.trim().toLowerCase());
  if (decode === undefined) throw new Error('The answer has a content coding that is not known');
  try {
    return await decode(bytes, { maxOutputLength: maxBytes });
  } catch (cause) {
    if (errorCodeOf(cause) === 'ERR_BUFFER_TOO_LARGE') throw new OversizedAnswer(maxBytes);
    throw new Error('The answer cannot be decompressed', { cause });
  }
}
