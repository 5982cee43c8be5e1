import { Readable } from 'node:stream';

/** What may wait here for a client that is slower than its stream: little, for the writers wait instead. */
const highWaterMarkBytes = 16 * 1024;

/** The body of an answer that goes on: its writers are as fast as its client reads. */
export class StreamBody extends Readable {
  #isFull = false;
  readonly #waiting: (() => void)[] = [];

  constructor() {
    super({ highWaterMark: highWaterMarkBytes, encoding: undefined });
  }

  /** Hands over text; resolves when there is room for more, or nobody to read it any longer. */
  send(text: string): Promise<void> {
    if (this.destroyed || this.readableEnded) return Promise.resolve();
    if (this.push(text)) return Promise.resolve();
    this.#isFull = true;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Shows that the stream lives, if nothing else is under way that would. */
  beat(text: string): void {
    if (!this.#isFull && !this.destroyed) this.push(text);
  }

  /** Nothing comes after what has been sent. */
  end(): void {
    if (!this.destroyed) this.push(null);
  }

  override _read(): void {
    this.#isFull = false;
    this.#release();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#release();
    callback(error);
  }

  #release(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }
}
