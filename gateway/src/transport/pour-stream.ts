/** Takes an item. @returns when there is room for more, if there is none now */
export type Take<Item> = (item: Item) => Promise<void> | undefined;

/** What ended a stream that failed. */
export interface Failure {
  readonly error: unknown;
}

/** Is told of a stream's end, and of what failed, if it failed. */
export type Ended = (failure?: Failure) => void;

/** A stream that can hand its items over by itself. */
export interface PourableStream<Item> extends AsyncGenerator<Item, void, void> {
  /**
   * Hands items over as they come, in place of `next`: where an item reaches thousands at once, a chain of promises for each
   * of them costs as much as writing it; and one that waits for the end takes more memory than all else of a stream.
   *
   * @param ended called once, behind the last item
   */
  pour?(take: Take<Item>, ended: Ended): void;
  /** Tells once when the stream has ended, whoever ended it; with what failed, if it failed. */
  observe?(ended: Ended): void;
}

/** Takes all items of a stream, one after the other. */
export function pourStream<Item>(stream: PourableStream<Item>, take: Take<Item>, ended: Ended): void {
  if (stream.pour !== undefined) return stream.pour(take, ended);
  takeAll(stream, take).then(
    () => ended(),
    (error: unknown) => ended({ error }),
  );
}

async function takeAll<Item>(stream: PourableStream<Item>, take: Take<Item>): Promise<void> {
  for (;;) {
    const { done, value } = await stream.next();
    if (done === true || value === undefined) return;
    const full = take(value);
    if (full !== undefined) await full;
  }
}
