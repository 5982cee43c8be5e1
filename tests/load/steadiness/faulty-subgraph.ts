import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What the subgraph's process answers when it is told another way to fail. */
export interface FaultyMessage {
  readonly port: number;
  /** How many requests it has had since the last time. */
  readonly requests: number;
}

/** A subgraph that fails as it is told to, in a process of its own. */
export interface FaultySubgraph {
  /** @param fault a name of `faults`, or `dead`: then nobody listens there any more, and it is over */
  fail(fault: string): Promise<FaultyMessage>;
  stop(): Promise<void>;
}

/** Starts it; it is well. */
export function startFaultySubgraph(): FaultySubgraph {
  const child = fork(fileURLToPath(new URL('./faulty-process.js', import.meta.url)));
  let last: FaultyMessage = { port: 0, requests: 0 };
  async function stop(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  return {
    stop,
    async fail(fault) {
      const reply = once(child, 'message') as Promise<[FaultyMessage]>;
      child.send(fault);
      [last] = await reply;
      if (fault === 'dead') await stop();
      return last;
    },
  };
}
