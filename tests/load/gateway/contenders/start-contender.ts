import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../../support/free-port.js';
import type { Contender, ContenderTarget } from './contender.js';

/** A contender that answers. */
export interface RunningContender {
  readonly contender: Contender;
  readonly port: number;
  readonly pid: number;
  /** From its start to its first answer. */
  readonly startupMs: number;
  stop(): Promise<void>;
}

const startupTimeoutMs = 30_000;
const defaultProbe = '{ __typename }';

/**
 * Starts a contender in a process of its own, on a core of its own.
 *
 * @param probe the operation that has to be answered before it counts as started
 * @throws Error with its output where it ends or does not answer in time
 */
export async function startContender(
  contender: Contender,
  target: Omit<ContenderTarget, 'port'>,
  core: number,
  probe = defaultProbe,
): Promise<RunningContender> {
  const port = await freePort();
  const startedAt = performance.now();
  const command = ['-c', String(core), process.execPath, ...contender.command({ ...target, port })];
  const child = spawn('taskset', command, {
    env: { ...process.env, NODE_ENV: 'production', ...contender.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4_000)));
  }
  const { pid } = child;
  if (pid === undefined) throw new Error(`taskset could not start ${contender.name}`);
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  while (!(await answers(port, contender.path, probe))) {
    if (child.exitCode !== null || performance.now() - startedAt > startupTimeoutMs) {
      await stop();
      throw new Error(`${contender.name} did not start:\n${output}`);
    }
    await wait(10);
  }
  return { contender, port, pid, startupMs: performance.now() - startedAt, stop };
}

async function answers(port: number, path: string, query: string): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    const { errors } = (await response.json()) as { readonly errors?: unknown };
    return response.ok && errors === undefined;
  } catch {
    return false;
  }
}
