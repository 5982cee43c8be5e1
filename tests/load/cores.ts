import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism, setPriority } from 'node:os';
import { promisify } from 'node:util';

/** The gateways have the first core for themselves; this process and the subgraphs, its children, take the others. */
export async function leaveFirstCore(): Promise<void> {
  if (availableParallelism() < 2) {
    process.stdout.write('One core alone: load and gateway disturb each other, ratios tell little\n');
    return;
  }
  await promisify(execFile)('taskset', ['-acp', `1-${availableParallelism() - 1}`, String(process.pid)]);
}

/** Far above what else runs on the machine; see nice(2). */
const niceness = -10;

/**
 * Sets this process and its children before their neighbours on the machine, where that is allowed: latencies would show
 * how busy those are. What is ahead of what among them stays as it is.
 */
export function goBeforeNeighbours(): void {
  try {
    setPriority(niceness);
    // Where Linux groups processes by session, it is the group's niceness that counts outside of it; see sched(7).
    if (existsSync(autogroup)) writeFileSync(autogroup, String(niceness));
  } catch {
    process.stdout.write(
      'Not allowed to go before other processes: only on a quiet machine do latencies tell anything\n',
    );
  }
}

const autogroup = '/proc/self/autogroup';
