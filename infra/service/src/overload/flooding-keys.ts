/** After the last who was sent away. */
const keptForMs = 1_000;

/**
 * Keys that ask for more than they get: of each somebody was sent away within the last second. There are no more of them than
 * keys of whom somebody is sent away within a second.
 */
export class FloodingKeys {
  readonly #refusedAtMs = new Map<string, number>();

  /** Notes that somebody was sent away. */
  note(key: string, nowMs: number): void {
    this.#refusedAtMs.set(key, nowMs);
  }

  has(key: string, nowMs: number): boolean {
    const refusedAtMs = this.#refusedAtMs.get(key);
    return refusedAtMs !== undefined && nowMs - refusedAtMs < keptForMs;
  }

  /** Forgets those of whom nobody was sent away lately. */
  forget(nowMs: number): void {
    for (const key of this.#refusedAtMs.keys()) if (!this.has(key, nowMs)) this.#refusedAtMs.delete(key);
  }
}
