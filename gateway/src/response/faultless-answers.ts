import type { ResultTree } from '../execution/result-tree.js';
import type { ProjectFaultless } from './generate-projection.js';

/** So many answers without its help follow an answer in which something was wrong, for which generated code is no use. */
const restAfterFault = 50;

/** Answers of an operation that proves busy, as long as nothing is wrong with them: most are so. */
export class FaultlessAnswers {
  readonly #generate: () => ProjectFaultless | undefined;
  readonly #usesBeforeCode: number;
  #project: ProjectFaultless | undefined;
  #uses = 0;
  #restsUntilUse = 0;

  constructor(generate: () => ProjectFaultless | undefined, usesBeforeCode: number) {
    this.#generate = generate;
    this.#usesBeforeCode = usesBeforeCode;
    if (usesBeforeCode === 0) this.#project = generate();
  }

  /** @returns undefined where something is wrong, or the operation has not proved busy */
  project(tree: ResultTree): Readonly<Record<string, unknown>> | undefined {
    if (this.#uses > 0 && this.#uses === this.#usesBeforeCode) this.#project = this.#generate();
    this.#uses += 1;
    if (this.#project === undefined || this.#uses < this.#restsUntilUse) return undefined;
    const data = this.#project(tree);
    if (data === undefined) this.#restsUntilUse = this.#uses + restAfterFault;
    return data;
  }
}
