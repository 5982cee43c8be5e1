/**
 * A map of bounded size that forgets what was not used lately. Two generations: what is used moves to the young one, and
 * when that is full the old one is dropped whole, so that no use ever costs more than two look-ups.
 */
export class RecentMap<Value> {
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();
  readonly #entriesKept: number;

  /** @param entriesKept so many of the last used are kept for certain, and never more than twice as many */
  constructor(entriesKept: number) {
    this.#entriesKept = entriesKept;
  }

  get(key: string): Value | undefined {
    const found = this.#young.get(key);
    if (found !== undefined) return found;
    const aged = this.#old.get(key);
    if (aged === undefined) return undefined;
    this.#old.delete(key);
    this.set(key, aged);
    return aged;
  }

  set(key: string, value: Value): void {
    if (this.#young.size >= this.#entriesKept && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}
