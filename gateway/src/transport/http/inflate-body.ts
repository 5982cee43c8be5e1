import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { AppError } from '@tessera/service/errors';
import { HttpFault } from './http-fault.js';

type Inflate = (body: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

/** Content codings of bodies (RFC 9110, 8.4.1). Each runs in Node's thread pool, and stops at the length it is given. */
const codings: ReadonlyMap<string, Inflate> = new Map<string, Inflate>([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['br', promisify(brotliDecompress)],
  ['deflate', promisify(inflate)],
]);

/**
 * Refuses what cannot be undone, and codings applied one over the other: two small bodies can say a large one.
 *
 * @throws HttpFault 415
 */
export function assertContentEncoding(encoding: string | undefined): void {
  const name = encoding?.trim().toLowerCase();
  if (name === undefined || name === 'identity' || codings.has(name)) return;
  throw new HttpFault(415, 'Content-Encoding must be gzip, br or deflate, and one of them alone', {
    'accept-encoding': 'gzip, br, deflate',
  });
}

/**
 * Undoes the content coding of a body that {@link assertContentEncoding} has let pass.
 *
 * @param maxBytes of the body, both as it comes and inflated
 * @throws AppError `OPERATION_TOO_LARGE`; HttpFault 400 for what is not of that coding
 */
export async function inflateBody(payload: Readable, encoding: string, maxBytes: number): Promise<Readable> {
  const inflateAll = codings.get(encoding.trim().toLowerCase());
  if (inflateAll === undefined) return payload;
  const encoded = await readWithin(payload, maxBytes);
  try {
    const body = await inflateAll(encoded, { maxOutputLength: maxBytes });
    // Fastify compares this with Content-Length.
    return Object.assign(Readable.from([body], { objectMode: false }), { receivedEncodedLength: encoded.length });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new HttpFault(400, 'The body is not of the coding in Content-Encoding');
  }
}

async function readWithin(payload: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of payload as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function tooLarge(): AppError {
  return new AppError('OPERATION_TOO_LARGE', 'The body is larger than this gateway accepts');
}
