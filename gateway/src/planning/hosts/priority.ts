import { getPriority, setPriority } from 'node:os';

/** As weak as a process can be; see nice(2). */
const weakest = 19;

/**
 * Makes a process weaker than this one, so that what it does takes the time that requests leave. A courtesy: where it is
 * not allowed, the process runs as everything else does.
 */
export function lowerPriority(pid: number, niceness: number): void {
  try {
    setPriority(pid, Math.min(weakest, getPriority() + niceness));
  } catch {
    return;
  }
}

/** The same for the thread that calls it. Only on Linux is a priority that of one thread. */
export function lowerThreadPriority(niceness: number): void {
  if (process.platform === 'linux') lowerPriority(0, niceness);
}
