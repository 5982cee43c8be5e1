import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const nanosecondsInMillisecond = 1e6;

/**
 * Processor time that the processes of a PostgreSQL server which serve connections, and its others, have used so far, in
 * milliseconds. Each has one thread, so the scheduler's own count holds, which is finer than ticks.
 *
 * @param folder where its files are
 */
export async function databaseTime(folder: string): Promise<number> {
  const [line = ''] = (await readFile(join(folder, 'postmaster.pid'), 'utf8')).split('\n');
  const server = Number(line);
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const times = await Promise.all(pids.map(async (pid) => ((await parentOf(pid)) === server ? timeOf(pid) : 0)));
  return times.reduce((sum, time) => sum + time, 0);
}

async function parentOf(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name stands in parentheses and may have spaces.
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** What has ended meanwhile counts nothing. */
async function timeOf(pid: number): Promise<number> {
  const line = await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => '0');
  return Number(line.split(' ')[0]) / nanosecondsInMillisecond;
}
