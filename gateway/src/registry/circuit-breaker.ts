import { SlidingCounts } from './sliding-counts.js';

/** `closed`: requests go through; `open`: none does; `half-open`: one is on its way to see how things are. */
export type CircuitState = 'closed' | 'open' | 'half-open';

/** How a request was let through: as one of many, or as the one that tries out. */
export type Permit = 'usual' | 'probe';

/**
 * What a request says about the health of who answered it. `doubtful`: that it failed may be the request's own fault, so
 * that one client could have a subgraph taken for broken; only when nothing else comes is it believed. `unknown`: nothing.
 */
export type Verdict = 'good' | 'bad' | 'doubtful' | 'unknown';

export interface CircuitBreakerOptions {
  /** So many instances answer for it: before all of them have been tried nobody knows how it is. */
  readonly instances: number;
  /** @param openUntilMs by the clock of {@link CircuitBreaker.admit}, when the next request may try */
  readonly onChange: (state: CircuitState, openUntilMs: number) => void;
  /** From 0 to 1; default `Math.random`. */
  readonly random?: () => number;
}

const windowMs = 10_000;
const minRequestsPerInstance = 10;
const maxFailureRate = 0.5;
const firstOpenMs = 1_000;
const maxOpenMs = 30_000;

/**
 * Stops asking a subgraph that mostly fails: half of at least ten requests per instance in ten seconds, or ten in a row.
 * After a second, which doubles with every disappointment up to thirty, one request tries; when it is answered, all may.
 */
export class CircuitBreaker {
  readonly #counts = new SlidingCounts(windowMs);
  readonly #onChange: CircuitBreakerOptions['onChange'];
  readonly #random: () => number;
  readonly #minRequests: number;
  #state: CircuitState = 'closed';
  #failuresInARow = 0;
  #openMs = firstOpenMs;
  #openUntilMs = 0;

  constructor({ instances, onChange, random = Math.random }: CircuitBreakerOptions) {
    this.#minRequests = instances * minRequestsPerInstance;
    this.#onChange = onChange;
    this.#random = random;
  }

  /** Lets a request through, or answers undefined. Whoever is let through reports once. */
  admit(nowMs: number): Permit | undefined {
    if (this.#state === 'closed') return 'usual';
    if (this.#state === 'half-open' || nowMs < this.#openUntilMs) return undefined;
    this.#change('half-open');
    return 'probe';
  }

  report(permit: Permit, verdict: Verdict, nowMs: number): void {
    if (permit === 'probe') this.#reportProbe(verdict, nowMs);
    // What was sent before the circuit opened is too old to say anything new.
    else if (this.#state === 'closed' && verdict !== 'unknown') this.#count(verdict, nowMs);
  }

  #count(verdict: Verdict, nowMs: number): void {
    if (verdict !== 'doubtful') this.#counts.add(1, verdict === 'bad' ? 1 : 0, nowMs);
    this.#failuresInARow = verdict === 'good' ? 0 : this.#failuresInARow + 1;
    if (verdict === 'good') return;
    const requests = this.#counts.first(nowMs);
    const isFailing = requests >= this.#minRequests && this.#counts.second(nowMs) >= requests * maxFailureRate;
    // Against the good ones of the last ten seconds a sudden death would take seconds to show.
    if (isFailing || this.#failuresInARow >= this.#minRequests) this.#open(nowMs);
  }

  #reportProbe(verdict: Verdict, nowMs: number): void {
    if (verdict === 'good') {
      this.#counts.clear();
      this.#failuresInARow = 0;
      this.#openMs = firstOpenMs;
      this.#change('closed');
    } else if (verdict !== 'unknown') {
      this.#openMs = Math.min(this.#openMs * 2, maxOpenMs);
      this.#open(nowMs);
    } else {
      // The next request tries instead.
      this.#openUntilMs = nowMs;
      this.#change('open');
    }
  }

  /** Several gateways shall not come back at the same moment. */
  #open(nowMs: number): void {
    this.#openUntilMs = nowMs + this.#openMs * (0.8 + 0.4 * this.#random());
    this.#change('open');
  }

  #change(state: CircuitState): void {
    this.#state = state;
    this.#onChange(state, this.#openUntilMs);
  }
}
