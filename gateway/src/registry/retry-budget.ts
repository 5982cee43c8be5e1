import { SlidingCounts } from './sliding-counts.js';

const windowMs = 5_000;
const retriesPerRequest = 0.2;
/** Without these a subgraph that is asked seldom would get no second chance at all. */
const minRetries = 10;

/**
 * Bounds how much retries add to what a subgraph is asked: while it is down, a fifth of the requests of the last five
 * seconds, so that those who come to help it up are not trampled on.
 */
export class RetryBudget {
  readonly #counts = new SlidingCounts(windowMs);

  countRequest(nowMs: number): void {
    this.#counts.add(1, 0, nowMs);
  }

  /** Takes one retry out of the budget; false where nothing is left. */
  take(nowMs: number): boolean {
    const allowed = Math.max(minRetries, this.#counts.first(nowMs) * retriesPerRequest);
    if (this.#counts.second(nowMs) + 1 > allowed) return false;
    this.#counts.add(0, 1, nowMs);
    return true;
  }
}
