/** Closes a consumer when its subscriber's signal is aborted, or at once when it already is. */
export function closeOnAbort(signal: AbortSignal | undefined, close: () => Promise<void>): void {
  if (signal?.aborted === true) void close();
  else signal?.addEventListener('abort', () => void close(), { once: true });
}
