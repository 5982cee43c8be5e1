import type { Lifecycle } from '../lifecycle/index.js';

/** Answers whether one dependency works; rejects or throws with the reason where it does not. */
export type HealthCheck = (signal: AbortSignal) => Promise<void>;

export interface Readiness {
  readonly ready: boolean;
  readonly status: 'ready' | 'degraded' | 'starting' | 'draining' | 'stopped' | 'unavailable';
  /** One line per dependency. */
  readonly checks: Readonly<Record<string, 'up' | 'down'>>;
}

interface RegisteredCheck {
  readonly check: HealthCheck;
  readonly required: boolean;
}

/** How long all checks together may take before what has not answered counts as down. */
const checkTimeoutMs = 1_500;

/** The probes of one service: liveness is the process answering, readiness is its dependencies and its lifecycle. */
export class Health {
  readonly #checks = new Map<string, RegisteredCheck>();
  readonly #lifecycle: Lifecycle;

  constructor(lifecycle: Lifecycle) {
    this.#lifecycle = lifecycle;
  }

  /** Without a required dependency the service is not ready; without an optional one it is degraded. */
  register(name: string, check: HealthCheck, { required = true }: { readonly required?: boolean } = {}): void {
    this.#checks.set(name, { check, required });
  }

  /** Forgets a dependency that is none any more. */
  unregister(name: string): void {
    this.#checks.delete(name);
  }

  async readiness(): Promise<Readiness> {
    const signal = AbortSignal.timeout(checkTimeoutMs);
    const results = await Promise.all(
      [...this.#checks].map(async ([name, { check, required }]) => ({ name, required, up: await isUp(check, signal) })),
    );
    const checks = Object.fromEntries(results.map(({ name, up }) => [name, up ? 'up' : 'down'] as const));
    const { state } = this.#lifecycle;
    if (state !== 'ready') return { ready: false, status: state, checks };
    if (results.some(({ required, up }) => required && !up)) return { ready: false, status: 'unavailable', checks };
    const degraded = results.some(({ up }) => !up);
    return { ready: true, status: degraded ? 'degraded' : 'ready', checks };
  }
}

async function isUp(check: HealthCheck, signal: AbortSignal): Promise<boolean> {
  const timedOut = new Promise<false>((resolve) => {
    signal.addEventListener('abort', () => resolve(false), { once: true });
  });
  const answered = check(signal).then(
    () => true,
    () => false,
  );
  return Promise.race([answered, timedOut]);
}
