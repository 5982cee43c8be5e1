const blockBytes = 65_536;
/** Longer answers are put into blocks. */
export const maxPiecesBytes = 16_384;
/** 16 MB: as much as the largest answer that is read by default. */
const maxSpare = 256;
/**
 * From 4 MB on answers wait for each other. A hundred connections have another 12 before they know, and what is not kept is garbage
 * afterwards: for 10 MB of it V8 marks all that lives, which takes a tenth of a second.
 */
const manyInUse = 64;

/**
 * Memory for large answers, used again: what is taken from the system anew for each of them is zeroed by the kernel a page at a
 * time, and has the collector run. Of 25 answers of 100 MB at a time, each read to the limit of 16, that and the order of
 * reading took 15% of the processor time, a third of the time in long turns, and a third of the memory.
 */
export class SpareBlocks {
  #spare: Buffer[] = [];
  #inUse = 0;
  /** The fewest that were there since some were let go. */
  #leastSpare = 0;

  get inUse(): number {
    return this.#inUse;
  }

  /** For answers to come. */
  get kept(): number {
    return this.#spare.length;
  }

  /** Whether answers should be read one after the other, and not all at once. */
  get areShort(): boolean {
    return this.#inUse >= manyInUse;
  }

  take(): Buffer {
    this.#inUse += 1;
    const block = this.#spare.pop() ?? Buffer.allocUnsafeSlow(blockBytes);
    this.#leastSpare = Math.min(this.#leastSpare, this.#spare.length);
    return block;
  }

  /** Gives blocks back, in which nobody reads any more. */
  giveBack(blocks: readonly Buffer[]): void {
    this.#inUse -= blocks.length;
    this.#spare.push(...blocks.slice(0, maxSpare - this.#spare.length));
  }

  /** Lets some of what nobody has needed since the last time go; called every second, it takes a minute for nearly all. */
  shrink(): void {
    this.#spare = this.#spare.slice(Math.ceil(this.#leastSpare / 16));
    this.#leastSpare = this.#spare.length;
  }
}

/** Bytes of which nobody knows how many there will be. */
export class PiledBytes {
  length = 0;
  readonly #spare: SpareBlocks;
  /** What came first; most answers end with it. */
  readonly #parts: Buffer[] = [];
  readonly #blocks: Buffer[] = [];
  #inParts = 0;

  constructor(spare: SpareBlocks) {
    this.#spare = spare;
  }

  /** Copies bytes. */
  add(bytes: Buffer): void {
    this.length += bytes.length;
    if (this.#blocks.length === 0 && this.length <= maxPiecesBytes) {
      this.#parts.push(Buffer.from(bytes));
      this.#inParts = this.length;
      return;
    }
    let offset = (this.length - bytes.length - this.#inParts) % blockBytes;
    for (let position = 0; position < bytes.length;) {
      let block = offset === 0 ? undefined : this.#blocks.at(-1);
      if (block === undefined) this.#blocks.push((block = this.#spare.take()));
      const copied = bytes.copy(block, offset, position);
      position += copied;
      offset = (offset + copied) % blockBytes;
    }
  }

  /** All of them, in one place of their own. */
  whole(): Buffer {
    return Buffer.concat([...this.#parts, ...this.#blocks], this.length);
  }

  /** They are not needed any more. */
  discard(): void {
    if (this.#blocks.length > 0) this.#spare.giveBack(this.#blocks.splice(0));
  }
}
