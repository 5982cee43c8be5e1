import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { HostLink, HostListener } from './host-link.js';
import type { HostReply } from './host-messages.js';
import { lowerPriority } from './priority.js';

/** What a host may take for JavaScript; what its native code takes it watches itself. */
const maxHeapMegabytes = 128;

/**
 * Starts a host in a process of its own: the only way to end native code, for a thread that runs it cannot be ended.
 * It gets none of the gateway's environment, for it needs no secrets.
 *
 * @param entry the host's compiled module
 * @param niceness by how much it is weaker than this process
 */
export function openProcessHost(entry: URL, listener: HostListener, niceness = 0): HostLink {
  const child = fork(fileURLToPath(entry), [], {
    serialization: 'advanced',
    execArgv: [`--max-old-space-size=${maxHeapMegabytes}`, '--expose-gc'],
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  let hasEnded = false;
  const end = (reason: string): void => {
    if (hasEnded) return;
    hasEnded = true;
    listener.ended(reason);
  };
  child.on('message', (reply) => listener.reply(reply as HostReply));
  child.on('exit', (code, signal) => end(`its process ended with ${signal ?? `status ${code}`}`));
  // Without a process there is no exit to wait for.
  child.on('error', (error) => (child.pid === undefined ? end(error.message) : child.kill('SIGKILL')));
  child.once('spawn', () => {
    if (child.pid !== undefined) lowerPriority(child.pid, niceness);
  });
  const hold = (): void => {
    child.ref();
    child.channel?.ref();
  };
  const release = (): void => {
    child.unref();
    child.channel?.unref();
  };
  release();
  return {
    post: (request) => void child.send(request, () => undefined),
    hold,
    release,
    processorMs: async () => (child.pid === undefined ? undefined : processorMsOf(child.pid)),
    kill() {
      hold();
      child.kill('SIGKILL');
    },
  };
}

/** The kernel's clock ticks in `/proc/<pid>/stat` (proc(5)); 100 a second on every Linux that Node runs on. */
const millisecondsPerTick = 10;

/** Processor time of a process, user and system; undefined where there is no `/proc`, or no such process any more. */
function processorMsOf(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The second field is the command in parentheses and may contain anything: what counts begins behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * millisecondsPerTick;
}
