import type { SubgraphAddress } from '../execution/subgraph-connections.js';
import type { Verdict } from './circuit-breaker.js';

/** One instance of a subgraph, as the gateway sees it. */
export class Instance {
  readonly address: SubgraphAddress;
  /** Requests under way. */
  pending = 0;
  /** When it was chosen, as a number that grows with every choice. */
  chosenAt = 0;
  failuresInARow = 0;
  /** How often in a row it was put out. */
  ejections = 0;
  /** Put out: after the time below it is tried with one request at a time. */
  isOut = false;
  isProbed = false;
  /** Not to be asked before, while others are there. */
  restsUntilMs = 0;
  forgivenAtMs = 0;

  constructor(address: SubgraphAddress) {
    this.address = address;
  }
}

export interface InstanceSetOptions {
  readonly addresses: readonly [SubgraphAddress, ...SubgraphAddress[]];
  /** Told how many instances are out. */
  readonly onChange: (out: number) => void;
  /** From 0 to 1. */
  readonly random: () => number;
}

const maxFailuresInARow = 3;
const firstOutMs = 1_000;
const maxOutMs = 60_000;

/**
 * The instances of one subgraph. Of two taken at random the one with fewer requests under way is asked, so that a slow
 * one gets less without anybody measuring it. One that fails is put out, for longer each time, but never more than half
 * of them: a fault of all is no reason to overload the last.
 */
export class InstanceSet {
  readonly #instances: readonly Instance[];
  readonly #only: Instance | undefined;
  readonly #options: InstanceSetOptions;
  #choices = 0;
  #out = 0;

  constructor(options: InstanceSetOptions) {
    this.#options = options;
    this.#instances = options.addresses.map((address) => new Instance(address));
    this.#only = this.#instances.length === 1 ? this.#instances[0] : undefined;
  }

  /**
   * @param tried instances that are asked again only when there is no other
   * @param mayProbe whether this request may be the one that tries an instance that was put out
   */
  choose(tried: readonly Instance[], mayProbe: boolean, nowMs: number): Instance {
    const chosen = this.#only ?? this.#better(tried, mayProbe, nowMs) ?? this.#lastResort(tried);
    if (chosen.isOut) chosen.isProbed = true;
    chosen.chosenAt = this.#choices += 1;
    return chosen;
  }

  /** Whether there is an instance that was not tried yet. */
  hasOther(tried: readonly Instance[]): boolean {
    return tried.length < this.#instances.length;
  }

  /** @param isDead nobody listens there: no further failures are needed to see that */
  report(instance: Instance, verdict: Verdict, isDead: boolean, nowMs: number): void {
    const wasProbed = instance.isProbed;
    instance.isProbed = false;
    if (verdict === 'good') this.#reinstate(instance, nowMs);
    if (verdict !== 'bad') return;
    instance.failuresInARow += 1;
    const isFailing = isDead || instance.failuresInARow >= maxFailuresInARow;
    if (instance.isOut ? wasProbed : isFailing) this.#putOut(instance, nowMs);
  }

  /** Lets an instance alone for a time, as it asked for. */
  rest(instance: Instance, untilMs: number): void {
    instance.restsUntilMs = Math.max(instance.restsUntilMs, untilMs);
  }

  #better(tried: readonly Instance[], mayProbe: boolean, nowMs: number): Instance | undefined {
    const { random } = this.#options;
    const count = this.#instances.length;
    const start = Math.floor(random() * count);
    const first = this.#from(start, tried, mayProbe, nowMs);
    const second = this.#from(start + 1 + Math.floor(random() * (count - 1)), tried, mayProbe, nowMs);
    if (first === undefined || second === undefined) return first;
    if (first.pending !== second.pending) return first.pending < second.pending ? first : second;
    return first.chosenAt <= second.chosenAt ? first : second;
  }

  /** The first that can be asked, from a place on. */
  #from(start: number, tried: readonly Instance[], mayProbe: boolean, nowMs: number): Instance | undefined {
    const count = this.#instances.length;
    for (let step = 0; step < count; step += 1) {
      const instance = this.#instances[(start + step) % count];
      if (instance === undefined || nowMs < instance.restsUntilMs || tried.includes(instance)) continue;
      if (!instance.isOut || (mayProbe && !instance.isProbed)) return instance;
    }
    return undefined;
  }

  /** None is well: the one that has waited longest, those that were tried already last. */
  #lastResort(tried: readonly Instance[]): Instance {
    const untried = this.#instances.filter((instance) => !tried.includes(instance));
    return (untried.length > 0 ? untried : this.#instances).reduce((one, other) =>
      other.chosenAt < one.chosenAt ? other : one,
    );
  }

  #putOut(instance: Instance, nowMs: number): void {
    if (!instance.isOut && this.#out + 1 > Math.floor(this.#instances.length / 2)) return;
    const durationMs = Math.min(firstOutMs * 2 ** instance.ejections, maxOutMs);
    instance.ejections += 1;
    instance.restsUntilMs = nowMs + durationMs;
    instance.forgivenAtMs = instance.restsUntilMs + durationMs;
    if (!instance.isOut) this.#setOut(instance, true);
  }

  #reinstate(instance: Instance, nowMs: number): void {
    instance.failuresInARow = 0;
    if (instance.isOut) this.#setOut(instance, false);
    if (instance.ejections > 0 && nowMs >= instance.forgivenAtMs) instance.ejections = 0;
  }

  #setOut(instance: Instance, isOut: boolean): void {
    instance.isOut = isOut;
    this.#out += isOut ? 1 : -1;
    this.#options.onChange(this.#out);
  }
}
