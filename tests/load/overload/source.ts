import { OpenConnection, type Outcome } from './open-connection.js';

/** What one client population saw. */
export interface SourceResult {
  readonly offered: number;
  /** Answered with 200 before the client gave up. */
  readonly good: number;
  /** Answered with 503. */
  readonly refused: number;
  /** Neither: given up, broken, answered with another status, or never sent because all connections were busy. */
  readonly lost: number;
  /** Of those, how many were answered with which status. */
  readonly otherStatuses: ReadonlyMap<number, number>;
  readonly goodPerSecond: number;
  /** Good answers in each second. */
  readonly seconds: readonly number[];
  readonly goodP50Ms: number;
  readonly goodP99Ms: number;
  readonly refusedP99Ms: number;
}

export interface SourceOptions {
  readonly port: number;
  readonly request: Buffer;
  /** Requests a second, sent whether or not earlier ones were answered; or so many at a time, each after the last. */
  readonly load: { readonly perSecond: number } | { readonly clients: number };
  readonly durationMs: number;
  /** After so long a client gives up. */
  readonly patienceMs: number;
  readonly maxConnections: number;
}

const tickMs = 5;

/** Puts one population's load on a port, and sums up what it saw. */
export function runSource(options: SourceOptions): Promise<SourceResult> {
  return new Source(options).run();
}

class Source {
  readonly #options: SourceOptions;
  readonly #idle: OpenConnection[] = [];
  readonly #all = new Set<OpenConnection>();
  readonly #goodMs: number[] = [];
  readonly #refusedMs: number[] = [];
  readonly #seconds: number[] = [];
  readonly #others = new Map<number, number>();
  #offered = 0;
  #lost = 0;
  #underWay = 0;
  #startedAt = 0;

  constructor(options: SourceOptions) {
    this.#options = options;
  }

  async run(): Promise<SourceResult> {
    const { load, durationMs } = this.#options;
    this.#startedAt = performance.now();
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const elapsedMs = performance.now() - this.#startedAt;
        const isOver = elapsedMs >= durationMs;
        if (isOver && this.#underWay === 0) {
          clearInterval(timer);
          resolve();
        }
        if (isOver) return;
        if ('clients' in load) while (this.#underWay < load.clients) this.#send();
        else while (this.#offered < (elapsedMs / 1_000) * load.perSecond) this.#send();
      }, tickMs);
    });
    for (const connection of this.#all) connection.close();
    return this.#sumUp();
  }

  #send(): void {
    this.#offered += 1;
    const connection = this.#takeConnection();
    if (connection === undefined) {
      this.#lost += 1;
      return;
    }
    this.#underWay += 1;
    const sentAt = performance.now();
    const impatience = setTimeout(() => connection.close(), this.#options.patienceMs);
    connection.exchange(this.#options.request, (outcome) => {
      clearTimeout(impatience);
      this.#underWay -= 1;
      this.#record(outcome, performance.now() - sentAt);
      if (!connection.isOpen) this.#all.delete(connection);
      else this.#idle.push(connection);
      const { load, durationMs } = this.#options;
      if ('clients' in load && performance.now() - this.#startedAt < durationMs) this.#send();
    });
  }

  #takeConnection(): OpenConnection | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.isOpen) return idle;
      this.#all.delete(idle);
    }
    if (this.#all.size >= this.#options.maxConnections) return undefined;
    const connection = new OpenConnection(this.#options.port);
    this.#all.add(connection);
    return connection;
  }

  #record(outcome: Outcome, tookMs: number): void {
    if (outcome === 200) {
      this.#goodMs.push(tookMs);
      const second = Math.floor((performance.now() - this.#startedAt) / 1_000);
      this.#seconds[second] = (this.#seconds[second] ?? 0) + 1;
    } else if (outcome === 503) {
      this.#refusedMs.push(tookMs);
    } else {
      this.#lost += 1;
      if (outcome !== undefined) this.#others.set(outcome, (this.#others.get(outcome) ?? 0) + 1);
    }
  }

  #sumUp(): SourceResult {
    const { durationMs } = this.#options;
    const wholeSeconds = Math.floor(durationMs / 1_000);
    return {
      offered: this.#offered,
      good: this.#goodMs.length,
      refused: this.#refusedMs.length,
      lost: this.#lost,
      otherStatuses: this.#others,
      goodPerSecond: (this.#goodMs.length * 1_000) / durationMs,
      seconds: Array.from({ length: wholeSeconds }, (_, second) => this.#seconds[second] ?? 0),
      goodP50Ms: quantile(this.#goodMs, 0.5),
      goodP99Ms: quantile(this.#goodMs, 0.99),
      refusedP99Ms: quantile(this.#refusedMs, 0.99),
    };
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
