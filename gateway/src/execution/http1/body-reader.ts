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
}

/** A body that ends with the connection. */
export class OpenBody implements BodyReader {
  readonly #parts: Buffer[] = [];
  length = 0;

  read(bytes: Buffer): undefined {
    this.#parts.push(Buffer.from(bytes));
    this.length += bytes.length;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts, this.length);
  }
}
