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

type Counts = Map<string, number>;

/** Counts what callers and their tenants have at the same time. */
export class Places {
  readonly #limits: PlaceLimits;
  readonly #ofCallers: Counts = new Map();
  readonly #ofTenants: Counts = new Map();

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  /** @throws AppError `RATE_LIMITED` where the caller or its tenant has as many already as it may */
  assertRoom(principal: Principal): void {
    if (principal.kind === 'anonymous') return;
    const { perCaller, perTenant } = this.#limits;
    this.#assertBelow(perCaller, this.#ofCallers.get(callerOf(principal)));
    if (principal.tenantId !== undefined) this.#assertBelow(perTenant, this.#ofTenants.get(principal.tenantId));
  }

  /** Counts one more, whether there is room or not. */
  take(principal: Principal): void {
    this.#add(principal, 1);
  }

  /** Counts one less. @param principal that for whom the place was taken */
  giveBack(principal: Principal): void {
    this.#add(principal, -1);
  }

  #assertBelow(limit: number, count = 0): void {
    if (count < limit) return;
    const message = `Too many ${this.#limits.what} are open`;
    throw new AppError('RATE_LIMITED', message, { details: { limit }, retryAfterSeconds: 5 });
  }

  #add(principal: Principal, change: number): void {
    if (principal.kind === 'anonymous') return;
    addTo(this.#ofCallers, callerOf(principal), change);
    if (principal.tenantId !== undefined) addTo(this.#ofTenants, principal.tenantId, change);
  }
}

/** Ids that are there already: one text more for each would be held as long as the place. */
function callerOf({ kind, userId, tenantId, sessionId }: Principal): string {
  return userId ?? `${kind}:${tenantId ?? ''}:${sessionId ?? ''}`;
}

function addTo(counts: Counts, key: string, change: number): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
