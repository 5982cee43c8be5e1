import { LRUCache } from 'lru-cache';

export interface PlanStoreOptions {
  readonly maxEntries: number;
  /** The most that the keys (operations' texts) may take together, in characters. */
  readonly maxKeyCharacters: number;
}

/** Keeps what is costly to make and made from a text: bounded, and made once however many ask at the same time. */
export interface PlanStore<Value extends object> {
  /** Finds the value, or makes it. A failure goes to everybody who waits and is not kept. */
  get(key: string, make: () => Promise<Value>): Value | Promise<Value>;
  readonly size: number;
}

/** Creates an empty store; the least recently used entries go first. */
export function createPlanStore<Value extends object>(options: PlanStoreOptions): PlanStore<Value> {
  const kept = new LRUCache<string, Value>({
    max: options.maxEntries,
    maxSize: options.maxKeyCharacters,
    sizeCalculation: (_value, key) => key.length + 1,
  });
  const underWay = new Map<string, Promise<Value>>();

  return {
    get(key, make) {
      const found = kept.get(key);
      if (found !== undefined) return found;
      const awaited = underWay.get(key);
      if (awaited !== undefined) return awaited;
      const made = make()
        .then((value) => {
          kept.set(key, value);
          return value;
        })
        .finally(() => underWay.delete(key));
      underWay.set(key, made);
      return made;
    },
    get size() {
      return kept.size;
    },
  };
}
