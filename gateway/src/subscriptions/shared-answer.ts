import type { FormattedExecutionResult } from 'graphql';
import type { StreamedAnswer } from '../transport/operation-handler.js';

/** An answer that many get: written once, when the first of them wants it. */
export class SharedAnswer implements StreamedAnswer {
  readonly answer: FormattedExecutionResult;
  #json: string | undefined;
  #byteLength: number | undefined;

  constructor(answer: FormattedExecutionResult) {
    this.answer = answer;
  }

  get json(): string {
    return (this.#json ??= JSON.stringify(this.answer));
  }

  /** In UTF-8. */
  get byteLength(): number {
    return (this.#byteLength ??= Buffer.byteLength(this.json));
  }
}
