/** Things of which several may have the same key, in the order in which they were added. */
export class KeyedLists<Item extends { readonly key: string }> implements Iterable<Item> {
  /** Lists are never changed, so that who goes through one may add and delete meanwhile. */
  readonly #byKey = new Map<string, readonly Item[]>();

  get isEmpty(): boolean {
    return this.#byKey.size === 0;
  }

  get first(): Item | undefined {
    const [items] = this.#byKey.values();
    return items?.[0];
  }

  /** Those of one key, the oldest first. */
  of(key: string): readonly Item[] {
    return this.#byKey.get(key) ?? [];
  }

  add(item: Item): void {
    this.#byKey.set(item.key, [...this.of(item.key), item]);
  }

  delete(item: Item): void {
    const left = this.of(item.key).filter((other) => other !== item);
    if (left.length === 0) this.#byKey.delete(item.key);
    else this.#byKey.set(item.key, left);
  }

  clear(): void {
    this.#byKey.clear();
  }

  *[Symbol.iterator](): Iterator<Item> {
    for (const items of this.#byKey.values()) yield* items;
  }
}
