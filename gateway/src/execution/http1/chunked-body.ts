import type { BodyReader } from './body-reader.js';
import { BrokenAnswer } from './http-answer.js';
import { PiledBytes, type SpareBlocks } from './spare-blocks.js';

/** Longer than any size, with room for extensions that nobody uses. */
const maxLineBytes = 1_024;
const newline = 0x0a;

/** Takes a body out of its chunks (RFC 9112, section 7.1). */
export class ChunkedBody implements BodyReader {
  readonly #bytes: PiledBytes;
  #state: 'size' | 'data' | 'end of data' | 'trailer' = 'size';
  #left = 0;
  /** The beginning of a line that has not ended yet. */
  #line = '';

  constructor(spare: SpareBlocks) {
    this.#bytes = new PiledBytes(spare);
  }

  get length(): number {
    return this.#bytes.length;
  }

  read(bytes: Buffer): number | undefined {
    for (let position = 0; position < bytes.length;) {
      if (this.#state === 'data') {
        const taken = Math.min(this.#left, bytes.length - position);
        this.#bytes.add(bytes.subarray(position, position + taken));
        this.#left -= taken;
        position += taken;
        if (this.#left === 0) this.#state = 'end of data';
      } else {
        const end = bytes.indexOf(newline, position);
        this.#line += bytes.toString('latin1', position, end === -1 ? bytes.length : end);
        if (this.#line.length > maxLineBytes) throw new BrokenAnswer('The answer has a line that is too long');
        if (end === -1) return undefined;
        position = end + 1;
        const line = this.#line.replace(/\r$/, '');
        this.#line = '';
        if (this.#endLine(line)) return position;
      }
    }
    return undefined;
  }

  bytes(): Buffer {
    return this.#bytes.whole();
  }

  discard(): void {
    this.#bytes.discard();
  }

  /** @returns whether it was the last line */
  #endLine(line: string): boolean {
    if (this.#state === 'trailer') return line === '';
    if (this.#state === 'end of data') {
      if (line !== '') throw new BrokenAnswer('The answer has a chunk that is longer than it said');
      this.#state = 'size';
      return false;
    }
    const size = /^([\da-f]{1,8})[\t ]*(?:;|$)/i.exec(line)?.[1];
    if (size === undefined) throw new BrokenAnswer('The answer has a chunk without a size');
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'data';
    return false;
  }
}
