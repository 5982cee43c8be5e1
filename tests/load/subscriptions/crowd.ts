import { eventQuery, nowUs } from './live-events.js';
import { LightSocket } from './light-socket.js';

/** What a crowd of clients has seen. */
export interface CrowdCounts {
  readonly answers: number;
  readonly refused: number;
  readonly closed: number;
}

const at = Buffer.from('"at":');
/** Microseconds have sixteen digits at most. */
const longestNumber = 17;

/** Clients who watch the same field, each a person of its own. */
export class Crowd {
  readonly #port: number;
  readonly #sockets = new Set<LightSocket>();
  #latenciesMs: number[] = [];
  #answers = 0;
  #refused = 0;
  #closed = 0;
  #onChange: () => void = () => undefined;

  constructor(port: number) {
    this.#port = port;
  }

  get counts(): CrowdCounts {
    return { answers: this.#answers, refused: this.#refused, closed: this.#closed };
  }

  /** From the making of an event to its arrival, of all since this was last asked. */
  takeLatencies(): readonly number[] {
    const taken = this.#latenciesMs;
    this.#latenciesMs = [];
    return taken;
  }

  /**
   * Lets clients in, so many at a time; each has then asked for its events.
   *
   * @returns how long that took, in milliseconds
   */
  async join(tokens: readonly string[], atATime: number): Promise<number> {
    const startedAt = performance.now();
    const waiting = [...tokens];
    const connectNext = async (): Promise<void> => {
      for (let token = waiting.pop(); token !== undefined; token = waiting.pop()) await this.#connect(token);
    };
    await Promise.all(Array.from({ length: atATime }, connectNext));
    return performance.now() - startedAt;
  }

  /** Resolves when so many answers have come in all, or with time. */
  async untilAnswers(count: number, timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
      this.#onChange = () => {
        if (this.#answers >= count) resolve();
      };
      this.#onChange();
    });
    clearTimeout(timer);
    this.#onChange = () => undefined;
  }

  leave(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  #connect(token: string): Promise<void> {
    return new Promise((resolve) => {
      const socket = new LightSocket(this.#port, token, eventQuery, {
        onAcknowledged: () => resolve(),
        onAnswer: (payload) => this.#take(payload),
        onClosed: () => {
          if (this.#sockets.delete(socket)) this.#closed += 1;
          resolve();
        },
      });
      this.#sockets.add(socket);
    });
  }

  #take(payload: Buffer): void {
    const start = payload.indexOf(at);
    const made =
      start === -1
        ? Number.NaN
        : Number.parseFloat(payload.toString('latin1', start + at.length, start + at.length + longestNumber));
    if (Number.isNaN(made)) this.#refused += 1;
    else {
      this.#answers += 1;
      this.#latenciesMs.push((nowUs() - made) / 1_000);
    }
    this.#onChange();
  }
}
