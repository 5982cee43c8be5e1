import { AppError } from '@tessera/service/errors';
import type { Take } from '../transport/pour-stream.js';

type Result<Item> = IteratorResult<Item, void>;

interface Waiter<Item> {
  readonly resolve: (result: Result<Item>) => void;
  readonly reject: (error: unknown) => void;
}

/** Who takes items as they come. */
interface Taker<Item> {
  readonly take: Take<Item>;
  readonly resolve: (end: undefined) => void;
  readonly reject: (error: unknown) => void;
  /** It has no room for more now. */
  isFull: boolean;
}

/** What waits in a queue is counted in bytes too. */
export interface Sized {
  readonly byteLength: number;
}

/** How much a queue holds, and who is told what becomes of the rest. */
export interface EventQueueOptions {
  readonly maxItems: number;
  /** One item alone may be larger. */
  readonly maxBytes: number;
  /** Of several items that wait only the latest is of use: the others go. */
  readonly keepsLatest: boolean;
  /** An item went for a later one. */
  readonly onReplaced: () => void;
  /** The queue has ended, because it was full and nothing may be left out. */
  readonly onFull: () => void;
}

/**
 * The bounded buffer between events and a subscriber that takes them one by one. Unless only the latest counts, one too many
 * ends the subscription: a client that missed an event in silence could not know it.
 */
export class EventQueue<Item extends Sized> {
  readonly #options: EventQueueOptions;
  readonly #items: Item[] = [];
  readonly #waiters: Waiter<Item>[] = [];
  /** Those who wait until there is room. */
  readonly #roomWaiters: (() => void)[] = [];
  #taker: Taker<Item> | undefined;
  #bytes = 0;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: EventQueueOptions) {
    this.#options = options;
  }

  push(item: Item): void {
    if (this.#ended) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) return waiter.resolve({ done: false, value: item });
    if (this.#taker?.isFull === false) return this.#hand(this.#taker, item);
    const { keepsLatest, onReplaced } = this.#options;
    if (keepsLatest && this.#items.length > 0) {
      this.#drop();
      onReplaced();
    } else if (!this.#hasRoomFor(item)) return this.#overflow();
    this.#items.push(item);
    this.#bytes += item.byteLength;
  }

  /** Whether half of it is taken, or more. */
  get isFilling(): boolean {
    const { maxItems, maxBytes } = this.#options;
    return this.#items.length > maxItems / 2 || this.#bytes > maxBytes / 2;
  }

  /** Resolves when it is not filling, or has ended. One whose subscriber makes no room in time ends as if it were full. */
  async untilRoom(timeoutMs: number): Promise<void> {
    if (!this.isFilling || this.#ended) return;
    let timer: NodeJS.Timeout | undefined;
    const inTime = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), timeoutMs);
      this.#roomWaiters.push(() => resolve(true));
    });
    const hasRoom = await inTime;
    clearTimeout(timer);
    if (!hasRoom && !this.#ended) this.#overflow();
  }

  /** No more events: what is buffered is still taken, then the iteration ends, with the error if there is one. */
  finish(failure?: { readonly error: unknown }): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    for (const waiter of this.#waiters.splice(0)) this.#settle(waiter);
    this.#handOn();
    this.#tellRoom();
  }

  /** Ends at once: what is buffered is dropped. */
  cut(error: unknown): void {
    this.#drop();
    this.finish({ error });
  }

  /** The subscriber has gone. */
  close(): void {
    this.#drop();
    this.#failure = undefined;
    this.finish();
  }

  next(): Promise<Result<Item>> {
    return new Promise((resolve, reject) => {
      const item = this.#items.shift();
      if (item !== undefined) {
        this.#bytes -= item.byteLength;
        this.#tellRoom();
        resolve({ done: false, value: item });
      } else if (this.#ended) this.#settle({ resolve, reject });
      else this.#waiters.push({ resolve, reject });
    });
  }

  /** Hands items over as they come, in place of `next`. Resolves at the end, rejects with what failed. */
  pour(take: Take<Item>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#taker = { take, resolve, reject, isFull: false };
      this.#handOn();
    });
  }

  /** Hands over what waits, as far as there is room, and then the end. */
  #handOn(): void {
    const taker = this.#taker;
    if (taker === undefined) return;
    for (let item = this.#items[0]; item !== undefined && !taker.isFull; item = this.#items[0]) {
      this.#items.shift();
      this.#bytes -= item.byteLength;
      this.#hand(taker, item);
    }
    this.#tellRoom();
    if (!this.#ended || taker.isFull || this.#taker !== taker) return;
    this.#taker = undefined;
    this.#settle({ resolve: () => taker.resolve(undefined), reject: taker.reject });
  }

  #hand(taker: Taker<Item>, item: Item): void {
    const full = taker.take(item);
    if (full === undefined) return;
    taker.isFull = true;
    const goOn = (): void => {
      taker.isFull = false;
      this.#handOn();
    };
    full.then(goOn, (error: unknown) => {
      this.cut(error);
      goOn();
    });
  }

  #hasRoomFor({ byteLength }: Item): boolean {
    const { maxItems, maxBytes } = this.#options;
    const { length } = this.#items;
    return length === 0 || (length < maxItems && this.#bytes + byteLength <= maxBytes);
  }

  #overflow(): void {
    this.cut(new AppError('OVERLOADED', 'The subscriber fell too far behind its events'));
    this.#options.onFull();
  }

  #tellRoom(): void {
    if (this.#roomWaiters.length === 0 || (this.isFilling && !this.#ended)) return;
    for (const tell of this.#roomWaiters.splice(0)) tell();
  }

  #drop(): void {
    this.#items.length = 0;
    this.#bytes = 0;
  }

  #settle({ resolve, reject }: Waiter<Item>): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure === undefined) resolve({ done: true, value: undefined });
    else reject(failure.error);
  }
}
