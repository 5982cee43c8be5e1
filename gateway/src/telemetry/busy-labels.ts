/** The label of whatever has none of its own. */
export const otherLabel = 'other';

export interface BusyLabelsOptions<Tally> {
  /** Names that have a label of their own at the same time. */
  readonly maxLabels: number;
  /** Makes what is kept of one label. */
  readonly create: () => Tally;
  /** Whether a name is known to be somebody's (registered, configured): it goes before all that are not. */
  readonly isPreferred: (name: string) => boolean;
}

interface Held<Tally> {
  readonly tally: Tally;
  uses: number;
}

/** Longer names are nobody's. */
const maxNameLength = 100;
/** A name that waits for a label asks for one every so many uses. */
const askEvery = 16;
/** Names that wait, for each that has a label. */
const waitingPerLabel = 4;
/** After so many uses all counts are halved: what was busy once does not stay so for ever. */
const decayEvery = 10_000;

/**
 * Gives labels to the busiest names, whoever makes up how many: what has no label of its own is counted under `other`.
 * Waiting names are counted by Misra and Gries's summary, which never counts one too high, so names that are used once
 * cannot take the label of one that is used often. A name that lost its label and gets it back begins at 0.
 */
export class BusyLabels<Tally> {
  readonly #options: BusyLabelsOptions<Tally>;
  readonly #held = new Map<string, Held<Tally>>();
  readonly #waiting = new Map<string, number>();
  readonly #other: Tally;
  #usesUntilDecay = decayEvery;

  constructor(options: BusyLabelsOptions<Tally>) {
    this.#options = options;
    this.#other = options.create();
  }

  /** The tally of a name that is used now. */
  use(name: string): Tally {
    this.#usesUntilDecay -= 1;
    if (this.#usesUntilDecay === 0) this.#decay();
    const held = this.#held.get(name);
    if (held !== undefined) {
      held.uses += 1;
      return held.tally;
    }
    if (name === otherLabel || name.length > maxNameLength) return this.#other;
    if (this.#held.size < this.#options.maxLabels) return this.#hold(name, 1);
    return this.#wait(name);
  }

  /** The tally of a name that somebody claims to use: it earns no label by that. */
  find(name: string | undefined): Tally {
    return (name === undefined ? undefined : this.#held.get(name)?.tally) ?? this.#other;
  }

  /** All labels there are, with their tallies. */
  *entries(): Iterable<readonly [label: string, tally: Tally]> {
    for (const [name, { tally }] of this.#held) yield [name, tally];
    yield [otherLabel, this.#other];
  }

  #hold(name: string, uses: number): Tally {
    const tally = this.#options.create();
    this.#held.set(name, { tally, uses });
    return tally;
  }

  #wait(name: string): Tally {
    const uses = (this.#waiting.get(name) ?? 0) + 1;
    const isPreferred = this.#options.isPreferred(name);
    if (isPreferred || uses % askEvery === 0) {
      const displaced = this.#weakerThan(uses, isPreferred);
      if (displaced !== undefined) {
        this.#held.delete(displaced);
        this.#waiting.delete(name);
        return this.#hold(name, uses);
      }
    }
    this.#countWaiting(name, uses);
    return this.#other;
  }

  /** Who holds a label and is used least; twice the uses take it, so that equals do not take it in turns. */
  #weakerThan(uses: number, isPreferred: boolean): string | undefined {
    let weakest: { readonly name: string; readonly uses: number; readonly isPreferred: boolean } | undefined;
    for (const [name, held] of this.#held) {
      const other = { name, uses: held.uses, isPreferred: this.#options.isPreferred(name) };
      const isWeaker =
        weakest === undefined ||
        (other.isPreferred === weakest.isPreferred ? other.uses < weakest.uses : weakest.isPreferred);
      if (isWeaker) weakest = other;
    }
    if (weakest === undefined) return undefined;
    const wins = weakest.isPreferred === isPreferred ? uses > 2 * weakest.uses : isPreferred;
    return wins ? weakest.name : undefined;
  }

  #countWaiting(name: string, uses: number): void {
    const hasRoom = this.#waiting.size < waitingPerLabel * this.#options.maxLabels;
    if (uses > 1 || hasRoom) {
      this.#waiting.set(name, uses);
      return;
    }
    for (const [waiting, count] of this.#waiting) this.#setWaiting(waiting, count - 1);
  }

  #setWaiting(name: string, uses: number): void {
    if (uses < 1) this.#waiting.delete(name);
    else this.#waiting.set(name, uses);
  }

  #decay(): void {
    this.#usesUntilDecay = decayEvery;
    for (const held of this.#held.values()) held.uses = Math.floor(held.uses / 2);
    for (const [name, uses] of this.#waiting) this.#setWaiting(name, Math.floor(uses / 2));
  }
}
