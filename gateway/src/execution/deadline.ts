/**
 * Runs work under a deadline and, where there is one, a caller's signal, whichever ends first.
 *
 * One timer and one listener, both removed at the end: `AbortSignal.any` would hang on to the caller's signal once for
 * every request of a long-lived subscription.
 *
 * @throws what `late` makes when the time is over, the signal's reason when it aborts
 */
export async function withDeadline<Result>(
  timeoutMs: number,
  late: () => Error,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(() => controller.abort(late()), timeoutMs);
  try {
    return await work(controller.signal);
  } catch (error) {
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
