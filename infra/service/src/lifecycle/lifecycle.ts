import type { Logger } from '../logging/index.js';

export type LifecycleState = 'starting' | 'ready' | 'draining' | 'stopped';

type Closer = { readonly name: string; readonly close: () => unknown };

export interface LifecycleOptions {
  readonly logger: Logger;
  /** How long "not ready" is announced before anything closes, so that load balancers look away first. */
  readonly drainDelayMs: number;
  /** The most that all closing together may take. */
  readonly shutdownTimeoutMs: number;
}

/**
 * The life of one service: who opens a resource registers its closing here at once; closing runs in reverse order.
 *
 * Order of a stop: readiness goes false, `drainDelayMs` passes, then the closers run, last opened first.
 */
export class Lifecycle {
  #state: LifecycleState = 'starting';
  readonly #closers: Closer[] = [];
  readonly #draining = new AbortController();
  readonly #options: LifecycleOptions;
  #stopping: Promise<void> | undefined;

  constructor(options: LifecycleOptions) {
    this.#options = options;
  }

  get state(): LifecycleState {
    return this.#state;
  }

  get drainDelayMs(): number {
    return this.#options.drainDelayMs;
  }

  /** Aborted when draining begins: long waits end on it. */
  get drainSignal(): AbortSignal {
    return this.#draining.signal;
  }

  /** Registers the closing of a resource that was just opened. */
  defer(name: string, close: () => unknown): void {
    this.#closers.push({ name, close });
  }

  markReady(): void {
    if (this.#state === 'starting') this.#state = 'ready';
  }

  /** Drains and closes; a second call joins the first. Never rejects: a closer that fails is logged. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { logger, drainDelayMs, shutdownTimeoutMs } = this.#options;
    const wasReady = this.#state === 'ready';
    this.#state = 'draining';
    this.#draining.abort();
    if (wasReady && drainDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, drainDelayMs));
    const deadline = AbortSignal.timeout(shutdownTimeoutMs);
    for (const { name, close } of this.#closers.reverse()) {
      try {
        await withSignal(Promise.resolve(close()), deadline);
      } catch (error) {
        logger.error({ err: error, resource: name }, 'closing a resource failed');
      }
    }
    this.#state = 'stopped';
  }
}

function withSignal(work: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
