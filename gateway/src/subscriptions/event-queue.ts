import { AppError } from '@tessera/service/errors';
import type { Ended, Failure, Take } from '../transport/pour-stream.js';

type Result<Item> = IteratorResult<Item, void>;

interface Waiter<Item> {
  readonly resolve: (result: Result<Item>) => void;
  readonly reject: (error: unknown) => void;
}

/** Who takes items as they come. */
interface Taker<Item> {
  readonly take: Take<Item>;
  readonly ended: Ended;
  /** It has no room for more now. */
  isFull: boolean;
}

/** What waits in a queue is counted in bytes too. */
export interface Sized {
  readonly byteLength: number;
}

/** How much a queue holds, and who is told what becomes of its items; the same for many queues. */
export interface EventQueueOptions<Item> {
  readonly maxItems: number;
  /** One item alone may be larger. */
  readonly maxBytes: number;
  /** Of several items that wait only the latest is of use: the others go. */
  readonly keepsLatest: boolean;
  /** An item went for a later one. */
  readonly onReplaced: () => void;
  /** An item has left the queue for its subscriber. */
  readonly onTaken: (item: Item) => void;
}

/** Whose queue it is. */
export interface EventQueueOwner {
  /** The queue has ended, because it was full and nothing may be left out. */
  fellBehind(): void;
}

/**
 * The bounded buffer between events and a subscriber that takes them one by one. Unless only the latest counts, one too many
 * ends the subscription: a client that missed an event in silence could not know it.
 */
export class EventQueue<Item extends Sized> {
  readonly #options: EventQueueOptions<Item>;
  readonly #owner: EventQueueOwner;
  readonly #items: Item[] = [];
  #waiters: Waiter<Item>[] | undefined;
  /** Those who wait until there is room. */
  #roomWaiters: (() => void)[] | undefined;
  #taker: Taker<Item> | undefined;
  #bytes = 0;
  #ended = false;
  #isOver = false;
  #failure: Failure | undefined;

  constructor(options: EventQueueOptions<Item>, owner: EventQueueOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  /** Whether its end was taken, too. */
  get isOver(): boolean {
    return this.#isOver;
  }

  push(item: Item): void {
    if (this.#ended) return;
    const waiter = this.#waiters?.shift();
    if (waiter !== undefined) {
      this.#options.onTaken(item);
      return waiter.resolve({ done: false, value: item });
    }
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
      (this.#roomWaiters ??= []).push(() => resolve(true));
    });
    const hasRoom = await inTime;
    clearTimeout(timer);
    if (!hasRoom && !this.#ended) this.#overflow();
  }

  /** No more events: what is buffered is still taken, then the iteration ends, with the error if there is one. */
  finish(failure?: Failure): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    for (const waiter of this.#waiters?.splice(0) ?? []) this.#settle(waiter);
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
        this.#options.onTaken(item);
        resolve({ done: false, value: item });
      } else if (this.#ended) this.#settle({ resolve, reject });
      else (this.#waiters ??= []).push({ resolve, reject });
    });
  }

  /** Hands items over as they come, in place of `next`. @param ended called behind the last, never within another call */
  pour(take: Take<Item>, ended: Ended): void {
    this.#taker = { take, ended, isFull: false };
    this.#handOn();
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
    // Those who push to this queue go through others too, which may not change meanwhile.
    queueMicrotask(() => taker.ended(this.#takeEnd()));
  }

  #hand(taker: Taker<Item>, item: Item): void {
    this.#options.onTaken(item);
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
    this.#owner.fellBehind();
  }

  #tellRoom(): void {
    const waiting = this.#roomWaiters;
    if (waiting === undefined || (this.isFilling && !this.#ended)) return;
    this.#roomWaiters = undefined;
    for (const tell of waiting) tell();
  }

  #drop(): void {
    this.#items.length = 0;
    this.#bytes = 0;
  }

  #settle({ resolve, reject }: Waiter<Item>): void {
    const failure = this.#takeEnd();
    if (failure === undefined) resolve({ done: true, value: undefined });
    else reject(failure.error);
  }

  /** What failed is told once. */
  #takeEnd(): Failure | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    this.#isOver = true;
    return failure;
  }
}
