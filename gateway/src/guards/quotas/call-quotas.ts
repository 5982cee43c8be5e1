import type { Principal } from '@tessera/service/identity';
import { quotaExceeded, type QuotaState } from '@tessera/service/quotas';

/** The tenants that have no API calls left. */
export interface CallQuotas {
  /**
   * @param rootFields the fields of the root that the operation selects
   * @throws AppError `QUOTA_EXCEEDED` for a tenant that has used up its plan's calls of this month
   */
  assertLeft(principal: Principal, rootFields: ReadonlyMap<string, number>): void;
  /** Takes over what was said of one tenant; what was overtaken changes nothing. */
  apply(state: QuotaState): void;
  /** What is known now, for {@link replace}. */
  known(): ReadonlyMap<string, QuotaState>;
  /** Takes over a whole list: who was exhausted before it was asked for, and is not in it, has calls again. */
  replace(list: readonly QuotaState[], before: ReadonlyMap<string, QuotaState>): void;
}

export interface CallQuotasOptions {
  /** Root fields that are answered all the same, where an operation selects no others. */
  readonly freeFields: ReadonlySet<string>;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

/** Beyond so many the oldest are forgotten; analytics says it again at their next call. */
const maxTenants = 100_000;

export function createCallQuotas({ freeFields, now = Date.now }: CallQuotasOptions): CallQuotas {
  /** Those who have calls again stay as well: their version tells which messages are of before. */
  const states = new Map<string, QuotaState>();

  const isFree = (rootFields: ReadonlyMap<string, number>): boolean => {
    for (const name of rootFields.keys()) if (!freeFields.has(name)) return false;
    return true;
  };

  const apply = (state: QuotaState): void => {
    const { tenantId } = state;
    if (isOvertaken(state, states.get(tenantId))) return;
    states.delete(tenantId);
    states.set(tenantId, state);
    if (states.size <= maxTenants) return;
    const [oldest] = states.keys();
    if (oldest !== undefined) states.delete(oldest);
  };

  return {
    assertLeft({ tenantId, roles }, rootFields) {
      const state = tenantId === undefined ? undefined : states.get(tenantId);
      if (state === undefined || !state.isExhausted || state.limit === null) return;
      const resetsAt = new Date(state.resetsAt);
      if (resetsAt.getTime() <= now() || roles.includes('SUPER_ADMIN') || isFree(rootFields)) return;
      const { limit, used } = state;
      const exceeded = { meter: 'API_CALLS', limit, used, resetsAt } as const;
      throw quotaExceeded(`The tenant’s plan allows ${limit} calls of the API in a month`, exceeded);
    },
    apply,
    known: () => new Map(states),
    replace(list, before) {
      const listed = new Set(list.map(({ tenantId }) => tenantId));
      for (const [tenantId, state] of before) {
        if (!listed.has(tenantId) && states.get(tenantId) === state) states.delete(tenantId);
      }
      for (const state of list) apply(state);
    },
  };
}

/** Within one version of the limits and one month, calls only become fewer. */
function isOvertaken(state: QuotaState, known: QuotaState | undefined): boolean {
  if (known === undefined) return false;
  if (state.version !== known.version) return state.version < known.version;
  if (state.resetsAt !== known.resetsAt) return state.resetsAt < known.resetsAt;
  return known.isExhausted && !state.isExhausted;
}
