import { Readable, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

/** Two empty blocks end a tar archive (POSIX.1-1988, ustar). */
const endOfArchiveBytes = 1_024;

export interface ArchiveEntry {
  readonly name: string;
  readonly sizeBytes: number;
  readonly content: Readable;
  /** Whether the archive ends with it. */
  readonly isLast?: boolean;
}

/**
 * Writes one file of a `tar.gz` as a gzip member of its own. Members one after the other are one gzip file (RFC 1952, 2.2), so an
 * archive can be continued after any of them, and nothing but the current piece is held in memory.
 */
export async function writeArchiveEntry(
  { name, sizeBytes, content, isLast = false }: ArchiveEntry,
  append: (chunk: Buffer) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const packed = pack();
  const entry = packed.entry({ name, size: sizeBytes, mode: 0o600, mtime: new Date(0) }, (error) => {
    if (error) packed.destroy(error);
    else packed.finalize();
  });
  const written = pipeline(
    // A stream by way of iteration: that of the package has no types of Node's.
    Readable.from(packed as AsyncIterable<Buffer>, { objectMode: false }),
    ...(isLast ? [] : [withoutEnd()]),
    createGzip(),
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        append(chunk).then(() => done(), done);
      },
    }),
    { signal },
  );
  const read = pipeline(content, entry, { signal }).catch((error: unknown) => {
    packed.destroy(error as Error);
    throw error;
  });
  await Promise.all([read, written]);
}

/** Holds the last bytes back, and drops them at the end. */
function withoutEnd(): Transform {
  let held = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const all = Buffer.concat([held, chunk]);
      const end = Math.max(0, all.length - endOfArchiveBytes);
      held = all.subarray(end);
      done(null, all.subarray(0, end));
    },
  });
}
