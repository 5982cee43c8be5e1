import { readFile } from 'node:fs/promises';

/** What the main thread of a process (of Node: its event loop) has had so far; see `schedstat` of proc(5). */
export interface ThreadUsage {
  readonly runMs: number;
  /** How long it could have run but was given no processor. */
  readonly waitedMs: number;
}

/** Reads `/proc/<pid>/task/<pid>/schedstat`. */
export async function readMainThread(pid: number): Promise<ThreadUsage> {
  const [runNs = '0', waitedNs = '0'] = (await readFile(`/proc/${pid}/task/${pid}/schedstat`, 'utf8')).split(' ');
  return { runMs: Number(runNs) / 1e6, waitedMs: Number(waitedNs) / 1e6 };
}
