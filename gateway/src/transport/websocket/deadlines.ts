/** A timer holds 2^31 - 1 ms at most, and wraps to "at once" beyond. */
const longestTimerMs = 2 ** 31 - 1;
/** How much later than its time something may come. */
const stepMs = 250;

interface Step<Item> {
  readonly items: Set<Item>;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Says of many items when the time of each has come, up to a quarter of a second late. A timer for each of ten thousand sockets
 * takes megabytes; here those whose time comes at about the same time share one.
 */
export class Deadlines<Item> {
  readonly #onDue: (item: Item) => void;
  readonly #startMs = Date.now();
  readonly #steps = new Map<number, Step<Item>>();

  constructor(onDue: (item: Item) => void) {
    this.#onDue = onDue;
  }

  /** @param atMs milliseconds since the epoch. @returns by what `clear` finds it */
  set(item: Item, atMs: number): number {
    const number = Math.max(0, Math.ceil((atMs - this.#startMs) / stepMs));
    const step = this.#steps.get(number) ?? { items: new Set(), timer: undefined };
    this.#steps.set(number, step);
    step.items.add(item);
    if (step.timer === undefined) this.#wait(number, step);
    return number;
  }

  /** @param number as `set` has told it */
  clear(item: Item, number: number): void {
    const step = this.#steps.get(number);
    if (step?.items.delete(item) !== true || step.items.size > 0) return;
    clearTimeout(step.timer);
    this.#steps.delete(number);
  }

  #wait(number: number, step: Step<Item>): void {
    const leftMs = this.#startMs + number * stepMs - Date.now();
    step.timer = setTimeout(() => this.#come(number, step), Math.min(leftMs, longestTimerMs)).unref();
  }

  #come(number: number, step: Step<Item>): void {
    if (this.#startMs + number * stepMs > Date.now()) return this.#wait(number, step);
    for (const item of step.items) {
      step.items.delete(item);
      this.#onDue(item);
    }
    this.#steps.delete(number);
  }
}
