import { AppError } from '@tessera/service/errors';
import type { Principal } from '@tessera/service/identity';

/** How many of something a caller and a tenant may have at the same time. */
export interface PlaceLimits {
  /** In the plural: `connections`. */
  readonly what: string;
  /** Of one person, or of one service in one tenant; nobody in particular is not counted so. */
  readonly perCaller: number;
  /** Of one tenant, whoever of it has them. */
  readonly perTenant: number;
}

/** Counts what callers and their tenants have at the same time. */
export class Places {
  readonly #limits: PlaceLimits;
  /** By caller and by tenant. */
  readonly #counts = new Map<string, number>();

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  /** @throws AppError `RATE_LIMITED` where the caller or its tenant has as many already as it may */
  assertRoom(principal: Principal): void {
    for (const { key, limit } of this.#placesOf(principal)) {
      if ((this.#counts.get(key) ?? 0) < limit) continue;
      const message = `Too many ${this.#limits.what} are open`;
      throw new AppError('RATE_LIMITED', message, { details: { limit }, retryAfterSeconds: 5 });
    }
  }

  /** Counts one more, whether there is room or not. @returns gives the place back, once */
  take(principal: Principal): () => void {
    const keys = this.#placesOf(principal).map(({ key }) => key);
    for (const key of keys) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    return () => {
      for (const key of keys.splice(0)) {
        const left = (this.#counts.get(key) ?? 1) - 1;
        if (left === 0) this.#counts.delete(key);
        else this.#counts.set(key, left);
      }
    };
  }

  #placesOf({ kind, userId, tenantId, sessionId }: Principal) {
    if (kind === 'anonymous') return [];
    const { perCaller, perTenant } = this.#limits;
    const caller = userId ?? `${kind}:${tenantId ?? ''}:${sessionId ?? ''}`;
    const ofCaller = { key: `caller:${caller}`, limit: perCaller };
    return tenantId === undefined ? [ofCaller] : [ofCaller, { key: `tenant:${tenantId}`, limit: perTenant }];
  }
}
