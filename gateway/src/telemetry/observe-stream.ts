import { EndingStream } from '../transport/ending-stream.js';
import { pourStream, type Ended, type PourableStream, type Take } from '../transport/pour-stream.js';

/**
 * Tells once when a stream has ended, whoever ended it.
 *
 * @param onEnd called with what failed, if it failed
 * @param onItem called with each item
 * @returns the stream itself where it tells that, else another one in its place
 */
export function observeStream<Item>(
  stream: PourableStream<Item>,
  onEnd: Ended,
  onItem?: (item: Item) => void,
): PourableStream<Item> {
  const observed = stream.observe === undefined || onItem !== undefined ? new ObservedStream(stream, onItem) : stream;
  observed.observe?.(onEnd);
  return observed;
}

/** Any stream, as one that is watched. */
class ObservedStream<Item> extends EndingStream<Item> {
  readonly #stream: PourableStream<Item>;
  readonly #onItem: ((item: Item) => void) | undefined;

  constructor(stream: PourableStream<Item>, onItem: ((item: Item) => void) | undefined) {
    super();
    this.#stream = stream;
    this.#onItem = onItem;
  }

  override async return(): Promise<IteratorResult<Item, void>> {
    await super.return();
    return this.#stream.return();
  }

  protected override async pull(): Promise<IteratorResult<Item, void>> {
    const result = await this.#stream.next();
    if (result.done !== true) this.#onItem?.(result.value);
    return result;
  }

  protected override pourOut(take: Take<Item>, ended: Ended): void {
    const onItem = this.#onItem;
    const observed: Take<Item> = (item) => {
      onItem?.(item);
      return take(item);
    };
    pourStream(this.#stream, onItem === undefined ? take : observed, ended);
  }

  protected override close(): void {
    // What is behind it ends by itself, or with `return`.
  }
}
