/** A source of chance with the choices that generators need. */
export interface Chance {
  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number;
  flip(probability: number): boolean;
  /** @throws RangeError for an empty list */
  pick<Item>(items: readonly Item[]): Item;
  /** Each item with the given probability, in their order. */
  some<Item>(items: readonly Item[], probability: number): Item[];
  /** As `some`, but never empty where there are items. */
  atLeastOne<Item>(items: readonly Item[], probability: number): Item[];
}

const precision = 1 << 20;

/** @param nextInt a whole number between both bounds, which are included */
export function createChance(nextInt: (min: number, max: number) => number): Chance {
  const below = (end: number): number => (end <= 1 ? 0 : nextInt(0, end - 1));
  const flip = (probability: number): boolean => nextInt(0, precision) < probability * precision;
  const some = <Item>(items: readonly Item[], probability: number): Item[] => items.filter(() => flip(probability));

  function pick<Item>(items: readonly Item[]): Item {
    const [item] = items.slice(below(items.length));
    if (item === undefined) throw new RangeError('There is nothing to pick from');
    return item;
  }

  return {
    below,
    flip,
    pick,
    some,
    atLeastOne(items, probability) {
      const chosen = some(items, probability);
      return chosen.length > 0 || items.length === 0 ? chosen : [pick(items)];
    },
  };
}
