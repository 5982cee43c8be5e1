import { createHash } from 'node:crypto';
import { Writable, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ObjectDigest } from './object-store.js';

/** Reads a stream to its end, piece by piece. */
export async function digestOf(source: Readable, signal: AbortSignal): Promise<ObjectDigest> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const counting = new Writable({
    write(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.length;
      hash.update(chunk);
      done();
    },
  });
  await pipeline(source, counting, { signal });
  return { sizeBytes, sha256: hash.digest('hex') };
}

/** Long enough for a slow disk or network at 10 MB/s, and never endless. */
export function readDeadline(sizeBytes: number): AbortSignal {
  return AbortSignal.timeout(30_000 + Math.ceil(sizeBytes / 10_000));
}
