import { closeSync, openSync, readSync } from 'node:fs';
import type { Lifecycle } from '../lifecycle/index.js';

/** Milliseconds, since it began, that this thread has been running, or ready to run and waiting for a processor. */
export type ReadDemand = () => number;

/** Nanoseconds on a processor, nanoseconds ready and waiting for one, and how often; of the thread that opens it. */
const account = '/proc/thread-self/schedstat';
/** Three numbers of 64 bits. */
const maxAccountBytes = 64;

/**
 * Opens the kernel's account of this thread (Linux). It is kept open and read into one place: 3 to 6 us each time, where
 * opening it anew took 16 to 60.
 *
 * @returns undefined where there is none
 */
export function openProcessorDemand(lifecycle: Pick<Lifecycle, 'defer'>): ReadDemand | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(account, 'r');
  } catch {
    return undefined;
  }
  lifecycle.defer('processor account', () => closeSync(descriptor));
  const bytes = Buffer.allocUnsafeSlow(maxAccountBytes);
  return () => {
    const length = readSync(descriptor, bytes, 0, maxAccountBytes, 0);
    const [running = 0, waiting = 0] = bytes.toString('latin1', 0, length).split(' ').map(Number);
    return (running + waiting) / 1_000_000;
  };
}
