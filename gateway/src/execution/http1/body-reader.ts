import { PiledBytes, type SpareBlocks } from './spare-blocks.js';

/** Collects the body of one answer, however its end is told. */
export interface BodyReader {
  /** Bytes so far. */
  readonly length: number;
  /**
   * Takes over bytes; they are copied.
   *
   * @returns how many belonged to the body where it ends within them; undefined where it goes on
   * @throws BrokenAnswer
   */
  read(bytes: Buffer): number | undefined;
  /** The whole body. */
  bytes(): Buffer;
  /** It is not needed any more. */
  discard(): void;
}

/** A body whose length was said before: into one place, for pieces would have to be joined. */
export class MeasuredBody implements BodyReader {
  readonly #bytes: Buffer;
  length = 0;

  constructor(length: number) {
    this.#bytes = Buffer.allocUnsafeSlow(length);
  }

  read(bytes: Buffer): number | undefined {
    const copied = bytes.copy(this.#bytes, this.length);
    this.length += copied;
    return this.length === this.#bytes.length ? copied : undefined;
  }

  bytes(): Buffer {
    return this.#bytes;
  }

  discard(): void {
    return undefined;
  }
}

/** A body that ends with the connection. */
export class OpenBody implements BodyReader {
  readonly #bytes: PiledBytes;

  constructor(spare: SpareBlocks) {
    this.#bytes = new PiledBytes(spare);
  }

  get length(): number {
    return this.#bytes.length;
  }

  read(bytes: Buffer): undefined {
    this.#bytes.add(bytes);
  }

  bytes(): Buffer {
    return this.#bytes.whole();
  }

  discard(): void {
    this.#bytes.discard();
  }
}
