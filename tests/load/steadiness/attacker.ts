import { fileURLToPath } from 'node:url';
import { startOrderedProcess, type OrderedProcess } from './ordered-process.js';

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

/** Starts somebody who means no good, in a process of its own: what its texts cost to make must not delay the bystander. */
export function startAttacker(): OrderedProcess<AttackOrder, AttackResult> {
  return startOrderedProcess(fileURLToPath(new URL('./attacker-process.js', import.meta.url)));
}
