import { Transform } from 'node:stream';
import { AppError } from '@tessera/service/errors';

/**
 * Lets exactly so many bytes through.
 *
 * Only who could send and does not is silent: what has come and waits for a slow disk is no fault of the source, which is not read
 * from meanwhile.
 *
 * @param stallTimeoutMs how long the source may stay silent
 * @returns what fails with an AppError: `OPERATION_TOO_LARGE` at the first byte too many, `BAD_USER_INPUT` where bytes are missing or
 *   do not come
 */
export function exactly(sizeBytes: number, stallTimeoutMs: number): Transform {
  let seenBytes = 0;
  const stalled = (): void => {
    if (guard.writableLength > 0) timer.refresh();
    else guard.destroy(new AppError('BAD_USER_INPUT', 'The upload stalled'));
  };
  const timer = setTimeout(stalled, stallTimeoutMs);
  const guard = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      timer.refresh();
      seenBytes += chunk.length;
      if (seenBytes > sizeBytes) done(new AppError('OPERATION_TOO_LARGE', 'The upload is larger than it was granted'));
      else done(null, chunk);
    },
    flush(done) {
      // All has come; how long the disk takes for the rest is its own affair.
      clearTimeout(timer);
      if (seenBytes === sizeBytes) done();
      else done(new AppError('BAD_USER_INPUT', 'The upload is smaller than it was granted'));
    },
    destroy(error, done) {
      clearTimeout(timer);
      done(error);
    },
  });
  // Here the source, which was told to wait, is told that it may go on.
  guard.on('drain', () => timer.refresh());
  return guard;
}
