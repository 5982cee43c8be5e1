const failuresUntilShut = 3;
const shutMs = 1_000;

/**
 * Keeps requests from waiting for what has just failed: after some failures in a row nobody tries for a while, then one
 * does.
 */
export class FailureGate {
  readonly #onShut: (error: unknown) => void;
  readonly #now: () => number;
  #failures = 0;
  #shutUntilMs = 0;

  /** @param now milliseconds of a clock that never goes back */
  constructor(onShut: (error: unknown) => void, now: () => number = () => performance.now()) {
    this.#onShut = onShut;
    this.#now = now;
  }

  /** @returns undefined where it failed or was not tried */
  async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#failures >= failuresUntilShut) {
      if (this.#now() < this.#shutUntilMs) return undefined;
      // This one tries; whoever comes meanwhile does not wait for it.
      this.#shutUntilMs = this.#now() + shutMs;
    }
    try {
      const result = await work();
      this.#failures = 0;
      return result;
    } catch (error) {
      this.#failures += 1;
      if (this.#failures >= failuresUntilShut) {
        this.#shutUntilMs = this.#now() + shutMs;
        if (this.#failures === failuresUntilShut) this.#onShut(error);
      }
      return undefined;
    }
  }
}
