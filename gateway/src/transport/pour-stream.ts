/** Takes an item. @returns when there is room for more, if there is none now */
export type Take<Item> = (item: Item) => Promise<void> | undefined;

/** A stream that can hand its items over by itself. */
export interface PourableStream<Item> extends AsyncGenerator<Item, void, void> {
  /**
   * Hands items over as they come, in place of `next`: where an item reaches thousands at once, a chain of promises for each
   * of them costs as much as writing it.
   *
   * @returns resolves at the end, rejects with what ended the stream
   */
  pour?(take: Take<Item>): Promise<void>;
}

/** Takes all items of a stream, one after the other. Rejects with what ended it. */
export async function pourStream<Item>(stream: PourableStream<Item>, take: Take<Item>): Promise<void> {
  if (stream.pour !== undefined) return stream.pour(take);
  for (;;) {
    const { done, value } = await stream.next();
    if (done === true || value === undefined) return;
    const full = take(value);
    if (full !== undefined) await full;
  }
}
