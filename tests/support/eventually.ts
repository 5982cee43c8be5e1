import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits until something outside this process has become true; for conditions that nothing announces.
 *
 * @throws Error when it did not become true in time, with the last error of the check as its cause
 */
export async function eventually(check: () => Promise<boolean> | boolean, timeoutMs = 15_000): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  let cause: unknown;
  while (performance.now() < deadlineMs) {
    try {
      if (await check()) return;
    } catch (error) {
      cause = error;
    }
    await pause(20);
  }
  throw new Error(`Condition was not met within ${timeoutMs} ms: ${check.toString()}`, { cause });
}
