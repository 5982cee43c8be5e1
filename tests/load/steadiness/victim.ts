import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a victim is told to do: to ask for so long. */
export interface VictimOrder {
  readonly port: number;
  readonly durationMs: number;
}

/** What became of operations that need the subgraph that fails. */
export interface VictimResult {
  readonly requests: number;
  /** Codes of errors, and `well` for answers without. */
  readonly outcomes: readonly string[];
  readonly slowestMs: number;
  /** Answers that lack what the other subgraph has, or tell the fault at another place. */
  readonly wrong: readonly string[];
}

/** Somebody who needs the subgraph that fails, in a process of its own: its hundred connections must not delay the bystander. */
export interface Victim {
  /** Sends an operation over both subgraphs fifty times a second, for some time, and waits for all answers. */
  suffer(order: VictimOrder): Promise<VictimResult>;
  stop(): Promise<void>;
}

/** Starts a victim. */
export function startVictim(): Victim {
  const child = fork(fileURLToPath(new URL('./victim-process.js', import.meta.url)));
  return {
    async suffer(order) {
      const result = once(child, 'message') as Promise<[VictimResult]>;
      child.send(order);
      return (await result)[0];
    },
    async stop() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
