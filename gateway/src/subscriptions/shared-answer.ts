import type { FormattedExecutionResult } from 'graphql';
import type { StreamedAnswer } from '../transport/operation-handler.js';

/** An answer that many get: written once, when the first of them wants it. */
export class SharedAnswer implements StreamedAnswer {
  readonly answer: FormattedExecutionResult;
  #json: string | undefined;
  #bytes: Buffer | undefined;

  constructor(answer: FormattedExecutionResult) {
    this.answer = answer;
  }

  get json(): string {
    return (this.#json ??= JSON.stringify(this.answer));
  }

  get bytes(): Buffer {
    return (this.#bytes ??= Buffer.from(this.json));
  }

  get byteLength(): number {
    return this.bytes.length;
  }
}
