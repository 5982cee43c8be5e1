import type { StreamItem } from './stream-item.js';

const maxBytes = 256 * 1024;

/** The last events of a stream, without holes: who was at one of them, or just before the first, can go on from there. */
export class RecentItems {
  readonly #maxItems: number;
  readonly #items: { readonly item: StreamItem; readonly bytes: number }[] = [];
  /** The id of what came before the first. */
  #before: string | undefined;
  #bytes = 0;

  /**
   * @param before where the stream begins, if that is known
   * @param maxItems no more than are buffered for one subscriber, who may get all of them at once
   */
  constructor(before: string | undefined, maxItems: number) {
    this.#maxItems = maxItems;
    this.#before = before;
  }

  /** The stream begins here. */
  begin(before: string): void {
    this.#before = before;
  }

  add(item: StreamItem, bytes: number): void {
    this.#items.push({ item, bytes });
    this.#bytes += bytes;
    while (this.#items.length > this.#maxItems || this.#bytes > maxBytes) {
      const first = this.#items.shift();
      if (first === undefined) return;
      this.#bytes -= first.bytes;
      this.#before = first.item.eventId;
    }
  }

  has(eventId: string): boolean {
    return eventId === this.#before || this.#items.some(({ item }) => item.eventId === eventId);
  }

  /** What came after an event that it `has`. */
  after(eventId: string): StreamItem[] {
    const index = this.#items.findLastIndex(({ item }) => item.eventId === eventId);
    return this.#items.slice(index + 1).map(({ item }) => item);
  }
}
