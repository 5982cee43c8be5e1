import { readFile } from 'node:fs/promises';

/** What all cores of this machine have done since it was started. */
export interface CoreTimes {
  readonly busyMs: number;
  /** What its host, where it is a virtual one, has taken of them for others. */
  readonly stolenMs: number;
}

/** The kernel's unit of processor time (USER_HZ). */
const tickMs = 10;

/** Reads the first line of `/proc/stat`; see proc(5). */
export async function readCoreTimes(): Promise<CoreTimes> {
  const [all = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  const ticks = all.trim().split(/\s+/).slice(1).map(Number);
  const [user = 0, nice = 0, system = 0, , , interrupt = 0, softInterrupt = 0, stolen = 0] = ticks;
  return { busyMs: (user + nice + system + interrupt + softInterrupt) * tickMs, stolenMs: stolen * tickMs };
}
