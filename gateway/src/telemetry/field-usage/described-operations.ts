import { otherUses, type UsedOperation } from '@tessera/service/operations';
import { LRUCache } from 'lru-cache';

/** Operations that are remembered to be known to analytics. */
const maxRemembered = 10_000;
/** What analytics lost is told it again after so long. */
const tellAgainAfterMs = 6 * 60 * 60_000;
/** Coordinates that may be told at once, and how many more from one report to the next. */
const maxBudget = 100_000;
const budgetPerReport = 1_000;

/**
 * Which operations analytics knows. A report tells what it does not know, and who sends a new text each time cannot make
 * reports grow: there is a budget.
 */
export class DescribedOperations {
  readonly #described = new LRUCache<string, true>({ max: maxRemembered, ttl: tellAgainAfterMs });
  /** Operations that the report in the making will describe. */
  #admitted = new Set<string>();
  #budget = maxBudget;

  /** Whether an operation is known, or may be told. */
  admits({ key, coordinates }: UsedOperation): boolean {
    if (this.#described.has(key) || this.#admitted.has(key)) return true;
    if (coordinates.length > this.#budget) return false;
    this.#budget -= coordinates.length;
    this.#admitted.add(key);
    return true;
  }

  /** Begins another report. */
  next(): void {
    this.#admitted = new Set();
    this.#budget = Math.min(maxBudget, this.#budget + budgetPerReport);
  }

  has(key: string): boolean {
    return this.#described.has(key);
  }

  /** Remembers what was told; `other` never is, for it grows. */
  add(operations: readonly UsedOperation[]): void {
    for (const { key } of operations) {
      if (key !== otherUses) this.#described.set(key, true);
    }
  }
}
