import type { Worker } from 'node:worker_threads';

/**
 * Processor time that a thread has taken since it started, in milliseconds; told beside whatever it is busy with.
 *
 * @returns undefined where the thread is gone, or Node.js is too old to tell (before 24.6)
 */
export async function threadProcessorMs(thread: Worker): Promise<number | undefined> {
  try {
    const { user, system } = await thread.cpuUsage();
    return (user + system) / 1_000;
  } catch {
    return undefined;
  }
}
