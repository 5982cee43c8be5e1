import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What an attacker is told to do. */
export interface AttackOrder {
  readonly port: number;
  /** A name of `abuses`. */
  readonly abuse: string;
  /** It ends with the first answer after so long. */
  readonly durationMs: number;
}

/** What became of one kind of abuse. */
export interface AttackResult {
  readonly durationsMs: readonly number[];
  /** Codes of the answers' first errors; `none` for an answer without one. */
  readonly codes: readonly string[];
}

/** Somebody who means no good, in a process of its own: what its texts cost to make must not delay the bystander. */
export interface Attacker {
  attack(order: AttackOrder): Promise<AttackResult>;
  stop(): Promise<void>;
}

/** Starts an attacker. */
export function startAttacker(): Attacker {
  const child = fork(fileURLToPath(new URL('./attacker-process.js', import.meta.url)));
  return {
    async attack(order) {
      const result = once(child, 'message') as Promise<[AttackResult]>;
      child.send(order);
      return (await result)[0];
    },
    async stop() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
