import { readFile } from 'node:fs/promises';

/** What a process has used so far, all its threads together, as Linux counts it. */
export interface ProcessUsage {
  readonly processorMs: number;
  readonly residentMegabytes: number;
  readonly peakResidentMegabytes: number;
}

/** The kernel's unit of processor time (USER_HZ). */
const tickMs = 10;

/** Reads `/proc/<pid>`; the time is counted from the start of the process. */
export async function readUsage(pid: number): Promise<ProcessUsage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
  ]);
  // The name stands in parentheses and may have spaces: what is counted comes after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const megabytes = (name: string): number =>
    Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1_024;
  return {
    processorMs: (Number(fields[11]) + Number(fields[12])) * tickMs,
    residentMegabytes: megabytes('VmRSS'),
    peakResidentMegabytes: megabytes('VmHWM'),
  };
}
