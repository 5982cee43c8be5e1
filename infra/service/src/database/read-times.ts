import type { MikroORM } from '@mikro-orm/postgresql';
import { maxTextLength } from './kept-statements.js';

/** Reads go together that are expected to take no longer than this, one after the other. */
const maxSharedMs = 5;
/** Of a run that took longer than expected, this part is believed: it may have been the machine. */
const believed = 1 / 8;
/** Of so many texts it is known how long they take. */
const maxTexts = 512;

const byOrm = new WeakMap<MikroORM, ReadTimes>();

/**
 * How long the reads of a database take, by their texts. Those that one connection answers one after the other wait for each other,
 * so who goes together must be known to be quick; what is not known yet goes alone.
 */
export class ReadTimes {
  /** Milliseconds from sending to the answer, the one that was asked for last at the end. */
  readonly #msOf = new Map<string, number>();

  static of(orm: MikroORM): ReadTimes {
    const times = byOrm.get(orm) ?? new ReadTimes();
    byOrm.set(orm, times);
    return times;
  }

  /** @returns milliseconds; infinite for what is not known */
  expectedMs(text: string): number {
    return this.#msOf.get(text) ?? Infinity;
  }

  /** Whether reads that are expected to take so long together may go together. */
  areQuick(expectedMs: number): boolean {
    return expectedMs <= maxSharedMs;
  }

  /**
   * To be called after each run, also after one that failed.
   *
   * @param texts that went together; each is taken to have had that part of the time which was to be expected
   */
  note(texts: readonly string[], tookMs: number): void {
    const expected = texts.map((text) => this.expectedMs(text));
    const sumMs = expected.reduce((sum, ms) => sum + ms, 0);
    for (const [index, text] of texts.entries()) {
      const expectedMs = expected[index] ?? Infinity;
      const shareMs = texts.length === 1 ? tookMs : (tookMs * expectedMs) / sumMs;
      // Of what has been forgotten meanwhile there is no saying.
      if (Number.isFinite(shareMs) && text.length <= maxTextLength) this.#learn(text, expectedMs, shareMs);
    }
  }

  #learn(text: string, expectedMs: number, tookMs: number): void {
    const isNews = tookMs < expectedMs;
    this.#msOf.delete(text);
    this.#msOf.set(text, isNews ? tookMs : expectedMs + (tookMs - expectedMs) * believed);
    const [oldest] = this.#msOf.keys();
    if (oldest !== undefined && this.#msOf.size > maxTexts) this.#msOf.delete(oldest);
  }
}
