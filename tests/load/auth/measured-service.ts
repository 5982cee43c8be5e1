import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { HashStrength } from '@tessera/auth/passwords/hash-strength';
import { readUsage } from '../gateway/process-usage.js';
import type { ProcessorTimes } from './processor-times.js';

/** The auth subgraph in a process of its own, so that what it uses is not mixed with what asking it uses. */
export interface MeasuredService {
  readonly url: string;
  /** Of its hashes of passwords. */
  readonly strength: HashStrength;
  usage(): Promise<ProcessorTimes>;
  stop(): Promise<void>;
}

interface StartedService extends Pick<MeasuredService, 'url' | 'strength'> {
  readonly databasePid: number;
}

/** Starts it, with a PostgreSQL of its own. @param hashMs how long a hash of a password is to take; 0: the least strength */
export async function startMeasuredService(hashMs: number): Promise<MeasuredService> {
  const child = fork(fileURLToPath(new URL('./service-process.js', import.meta.url)), [String(hashMs)]);
  const [{ url, strength, databasePid }] = (await once(child, 'message')) as [StartedService];
  const servicePid = child.pid ?? 0;
  return {
    url,
    strength,
    usage: async () => ({
      service: (await readUsage(servicePid)).processorMs,
      threadPool: await threadPoolTime(servicePid),
      database: await familyTime(databasePid),
    }),
    async stop() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

/** What a process has used in the threads of libuv's pool: as the scheduler counts it, in nanoseconds. */
async function threadPoolTime(pid: number): Promise<number> {
  const tasks = `/proc/${pid}/task`;
  const times = (await readdir(tasks)).map(async (thread) => {
    const name = await readFile(`${tasks}/${thread}/comm`, 'utf8');
    if (name.trim() !== 'libuv-worker') return 0;
    const [nanoseconds = '0'] = (await readFile(`${tasks}/${thread}/schedstat`, 'utf8')).split(' ');
    return Number(nanoseconds) / 1e6;
  });
  return (await Promise.all(times)).reduce((sum, time) => sum + time, 0);
}

/** What a process and those that it started have used. */
async function familyTime(parentPid: number): Promise<number> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const family = await Promise.all(pids.map(async (pid) => pid === parentPid || (await parentOf(pid)) === parentPid));
  const times = pids
    .filter((_, index) => family[index])
    .map((pid) =>
      readUsage(pid).then(
        ({ processorMs }) => processorMs,
        () => 0,
      ),
    );
  return (await Promise.all(times)).reduce((sum, time) => sum + time, 0);
}

async function parentOf(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}
