const bucketCount = 10;

/** Counts two things over the last so many milliseconds, in ten buckets: what is older than that is forgotten. */
export class SlidingCounts {
  readonly #bucketMs: number;
  readonly #first: number[] = new Array<number>(bucketCount).fill(0);
  readonly #second: number[] = new Array<number>(bucketCount).fill(0);
  #bucket = 0;
  #firstTotal = 0;
  #secondTotal = 0;

  constructor(windowMs: number) {
    this.#bucketMs = windowMs / bucketCount;
  }

  add(first: number, second: number, nowMs: number): void {
    this.#advance(nowMs);
    const index = this.#bucket % bucketCount;
    this.#first[index] = (this.#first[index] ?? 0) + first;
    this.#second[index] = (this.#second[index] ?? 0) + second;
    this.#firstTotal += first;
    this.#secondTotal += second;
  }

  first(nowMs: number): number {
    this.#advance(nowMs);
    return this.#firstTotal;
  }

  second(nowMs: number): number {
    this.#advance(nowMs);
    return this.#secondTotal;
  }

  clear(): void {
    this.#first.fill(0);
    this.#second.fill(0);
    this.#firstTotal = 0;
    this.#secondTotal = 0;
  }

  #advance(nowMs: number): void {
    const bucket = Math.floor(nowMs / this.#bucketMs);
    if (bucket <= this.#bucket) return;
    if (bucket - this.#bucket >= bucketCount) this.clear();
    else for (let old = this.#bucket + 1; old <= bucket; old += 1) this.#empty(old % bucketCount);
    this.#bucket = bucket;
  }

  #empty(index: number): void {
    this.#firstTotal -= this.#first[index] ?? 0;
    this.#secondTotal -= this.#second[index] ?? 0;
    this.#first[index] = 0;
    this.#second[index] = 0;
  }
}
