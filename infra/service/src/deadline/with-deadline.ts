import { AppError } from '../errors/index.js';

/**
 * Waits for work, but not for ever. The work itself is not stopped: its late outcome is ignored.
 *
 * @param what names the work at the start of the error's message
 * @throws AppError `OVERLOADED` when the time is over
 */
export async function withDeadline<T>(work: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new AppError('OVERLOADED', `${what} took longer than ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
