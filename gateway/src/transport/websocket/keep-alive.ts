/** Who is asked from time to time whether it is there. */
export interface Peer {
  beat(): void;
}

const mostTurns = 32;
const leastTurnMs = 50;

/**
 * Beats each of many peers once in an interval, with one timer for all: as many in each part of it, so that ten thousand who came
 * at once are not asked at once.
 */
export class KeepAlive {
  readonly #intervalMs: number;
  readonly #turns: readonly Set<Peer>[];
  #nextTurn = 0;
  #nextPlace = 0;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param intervalMs 0: nobody is asked */
  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
    const turns = Math.min(mostTurns, Math.max(1, Math.floor(intervalMs / leastTurnMs)));
    this.#turns = Array.from({ length: turns }, () => new Set());
  }

  /** @returns by what `delete` finds it */
  add(peer: Peer): number {
    const turn = this.#nextPlace;
    this.#nextPlace = (turn + 1) % this.#turns.length;
    this.#turns[turn]?.add(peer);
    this.#count += 1;
    if (this.#intervalMs > 0) {
      this.#timer ??= setInterval(() => this.#beat(), this.#intervalMs / this.#turns.length).unref();
    }
    return turn;
  }

  /** @param turn as `add` has told it */
  delete(peer: Peer, turn: number): void {
    if (this.#turns[turn]?.delete(peer) !== true) return;
    this.#count -= 1;
    if (this.#count > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #beat(): void {
    const turn = this.#nextTurn;
    this.#nextTurn = (turn + 1) % this.#turns.length;
    for (const peer of this.#turns[turn] ?? []) peer.beat();
  }
}
