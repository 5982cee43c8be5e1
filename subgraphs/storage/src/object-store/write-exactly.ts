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
}

/**
 * Writes a stream to a new file and onto the disk, at the pace of the disk. A failure may leave a part of it.
 *
 * @throws AppError `OPERATION_TOO_LARGE` at the first byte too many, `BAD_USER_INPUT` where bytes are missing or do not come
 */
export async function writeExactly(
  path: string,
  source: Readable,
  { sizeBytes, stallTimeoutMs, signal }: WriteLimits,
): Promise<void> {
  try {
    await pipeline(
      source,
      exactly(sizeBytes, stallTimeoutMs),
      createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }),
      { signal },
    );
  } catch (error) {
    if (isInterruption(error)) throw new AppError('BAD_USER_INPUT', 'The upload was interrupted', { cause: error });
    throw error;
  }
}

/** How Node names a client that went away: before the end of its body, with its socket, or over the deadline. */
function isInterruption(error: unknown): boolean {
  const { name, code } = error as NodeJS.ErrnoException;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || name === 'AbortError';
}
