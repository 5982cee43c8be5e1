import { AppError } from '@tessera/service/errors';

/**
 * Runs work with a signal that is aborted when its parent is, or when its own time is over.
 *
 * @param timeoutMs the reason is then an AppError `SUBGRAPH_TIMEOUT`
 */
export async function runWithDeadline<Result>(
  parent: AbortSignal,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const leave = (): void => controller.abort(parent.reason);
  if (parent.aborted) leave();
  parent.addEventListener('abort', leave, { once: true });
  const timer = setTimeout(() => {
    controller.abort(new AppError('SUBGRAPH_TIMEOUT', `The request took longer than ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    parent.removeEventListener('abort', leave);
  }
}
