import type { RequestContext } from '../../context.js';
import type { CacheKey } from '../cache-key.js';

const maxUnderWay = 64;

/** What is asked for again in the background: each once, bounded in number and time. */
export class Revalidations {
  readonly #timeoutMs: number;
  readonly #underWay = new Set<string>();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** @param work gets the caller's context, which no longer ends when the caller leaves; what fails is forgotten */
  start(key: CacheKey, context: RequestContext, work: (context: RequestContext) => Promise<void>): void {
    const { text } = key;
    if (this.#underWay.has(text) || this.#underWay.size >= maxUnderWay) return;
    this.#underWay.add(text);
    const background = {
      ...context,
      signal: AbortSignal.timeout(this.#timeoutMs),
      // That answer has been sent.
      setResponseHeader: (): void => undefined,
    };
    work(background)
      .catch(() => undefined)
      .finally(() => this.#underWay.delete(text));
  }
}
