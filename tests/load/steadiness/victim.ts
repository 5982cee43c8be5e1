import { fileURLToPath } from 'node:url';
import { startOrderedProcess, type OrderedProcess } from './ordered-process.js';

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

/**
 * Starts somebody who needs the subgraph that fails, in a process of its own: its hundred connections must not delay the bystander.
 * It sends an operation over both subgraphs fifty times a second, for some time, and waits for all answers.
 */
export function startVictim(): OrderedProcess<VictimOrder, VictimResult> {
  return startOrderedProcess(fileURLToPath(new URL('./victim-process.js', import.meta.url)));
}
