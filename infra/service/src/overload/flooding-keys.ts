/** After the last who was sent away. */
const keptForMs = 1_000;
/**
 * The wait in the line of a key that floods: what comes while the event loop is at something else must find a place, or the
 * processor has nothing to do after it. No longer than that, for who waits longer survives a collection of garbage or two: once a
 * request is among V8's old objects, all that it is answered from follows it there, also long after it is done. Where
 * requests waited 100 ms, that took a fifth of the processor's time.
 */
const shortestWaitMs = 25;
const longestWaitMs = 100;
const turnsOfWait = 4;
/** What is left of it from one look to the next, once turns are short again. */
const calming = 0.9;

/**
 * Keys that ask for more than they get: of each somebody was sent away within the last second. There are no more of them than
 * keys of whom somebody is sent away within a second.
 */
export class FloodingKeys {
  readonly #refusedAtMs = new Map<string, number>();
  #waitMs = shortestWaitMs;

  /** How long somebody of such a key may wait. */
  get waitMs(): number {
    return this.#waitMs;
  }

  /** Notes that somebody was sent away. */
  note(key: string, nowMs: number): void {
    this.#refusedAtMs.set(key, nowMs);
  }

  has(key: string, nowMs: number): boolean {
    const refusedAtMs = this.#refusedAtMs.get(key);
    return refusedAtMs !== undefined && nowMs - refusedAtMs < keptForMs;
  }

  /** Looks at how long turns of the event loop take, and forgets those of whom nobody was sent away lately. */
  look(turnMs: number, nowMs: number): void {
    const wantedMs = Math.max(turnsOfWait * turnMs, this.#waitMs * calming);
    this.#waitMs = Math.min(longestWaitMs, Math.max(shortestWaitMs, wantedMs));
    for (const key of this.#refusedAtMs.keys()) if (!this.has(key, nowMs)) this.#refusedAtMs.delete(key);
  }
}
