import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '@tessera/service/errors';
import { exactly } from './exactly.js';

export interface WriteLimits {
  readonly sizeBytes: number;
  /** How long the source may stay silent. */
  readonly stallTimeoutMs: number;
  /** Ends it, however far it is. */
  readonly signal: AbortSignal;
  /** Asked each time that bytes come so long after it was asked before; what it throws ends the writing. */
  readonly assertWanted: () => Promise<void>;
  readonly lookIntervalMs: number;
}

/**
 * Writes a stream to an empty file that is there, and onto the disk, at the pace of the disk. A failure may leave a part of it.
 *
 * @throws AppError `OPERATION_TOO_LARGE` at the first byte too many, `BAD_USER_INPUT` where bytes are missing or do not come
 */
export async function writeExactly(
  path: string,
  source: Readable,
  { sizeBytes, stallTimeoutMs, signal, assertWanted, lookIntervalMs }: WriteLimits,
): Promise<void> {
  try {
    await pipeline(
      source,
      (chunks: AsyncIterable<Buffer>) => whileWanted(chunks, assertWanted, lookIntervalMs),
      exactly(sizeBytes, stallTimeoutMs),
      createWriteStream(path, { flags: 'r+', flush: true }),
      { signal },
    );
  } catch (error) {
    if (isInterruption(error)) throw new AppError('BAD_USER_INPUT', 'The upload was interrupted', { cause: error });
    throw error;
  }
}

async function* whileWanted(
  chunks: AsyncIterable<Buffer>,
  assertWanted: () => Promise<void>,
  lookIntervalMs: number,
): AsyncGenerator<Buffer> {
  let nextLookMs = performance.now() + lookIntervalMs;
  for await (const chunk of chunks) {
    if (performance.now() >= nextLookMs) {
      await assertWanted();
      nextLookMs = performance.now() + lookIntervalMs;
    }
    yield chunk;
  }
}

/** How Node names a client that went away: before the end of its body, with its socket, or over the deadline. */
function isInterruption(error: unknown): boolean {
  const { name, code } = error as NodeJS.ErrnoException;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || name === 'AbortError';
}
