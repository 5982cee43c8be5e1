import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { StartError } from '@tessera/service/errors';
import type { Running } from '@tessera/service/lifecycle';
import type { Logger } from '@tessera/service/logging';

export interface WorkersOptions {
  readonly count: number;
  readonly logger: Logger;
  /** Where the first worker shows its metrics; the others take the ports after it. */
  readonly internalPort: number | undefined;
}

/** What the first process tells a worker that is to drain and end. */
export const stopMessage = 'stop';

/** One that dies at its start is not started again at once, or it would do nothing else. */
const restartDelayMs = 500;

/**
 * Runs several gateways that share a port, each in a process of its own; this process only starts them, hands them
 * their connections, and replaces those that die.
 *
 * @returns when the first of them takes requests
 * @throws StartError with a worker's own status where one ends before: it has said why, and the next would say the same
 */
export async function startWorkers({ count, logger, internalPort }: WorkersOptions): Promise<Running> {
  const workers = new Map<number, Worker>();
  const { promise: firstListens, resolve, reject } = Promise.withResolvers<void>();
  let hasListened = false;
  let isStopping = false;

  function start(slot: number): void {
    const environment = internalPort === undefined ? {} : { INTERNAL_PORT: String(internalPort + slot) };
    const worker = cluster.fork(environment);
    workers.set(slot, worker);
    logger.info({ worker: slot, workerPid: worker.process.pid }, 'a worker starts');
    worker.once('listening', () => {
      hasListened = true;
      resolve();
    });
    worker.once('exit', (code, signal) => void replace(slot, code, signal));
  }

  async function replace(slot: number, code: number | null, signal: string | null): Promise<void> {
    workers.delete(slot);
    if (isStopping) return;
    // What a signal ended may start well the next time.
    if (!hasListened && signal === null) {
      reject(new WorkerEnded(code ?? 1));
      return;
    }
    logger.error({ worker: slot, code, signal }, 'a worker died and is replaced');
    await delay(restartDelayMs);
    if (!isStopping) start(slot);
  }

  async function stop(): Promise<void> {
    isStopping = true;
    const leaving = [...workers.values()].filter((worker) => !worker.isDead());
    const gone = leaving.map((worker) => once(worker, 'exit'));
    // Not by a signal: a terminal has sent its own to them already, and a second one would end them at once.
    for (const worker of leaving) worker.send(stopMessage, () => undefined);
    await Promise.all(gone);
  }

  for (let slot = 0; slot < count; slot += 1) start(slot);
  try {
    await firstListens;
  } catch (error) {
    isStopping = true;
    for (const worker of workers.values()) worker.process.kill('SIGKILL');
    throw error;
  }
  return { stop };
}

/** A worker that never took a request. */
class WorkerEnded extends StartError {
  override readonly exitCode: number;

  constructor(exitCode: number) {
    super('The gateway does not start: see above for what its workers say');
    this.exitCode = exitCode;
  }
}
