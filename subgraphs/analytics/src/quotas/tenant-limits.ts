import { sqlOf } from '@tessera/service/database';
import type { DomainEvent } from '@tessera/service/events';
import type { Logger } from '@tessera/service/logging';
import { tenantLimitsEventType, tenantLimitsSchema, type QuotaState } from '@tessera/service/quotas';
import type { EventHandler } from '@tessera/service/subgraph';
import { judgeCalls } from './call-quota.js';
import type { AnnounceQuota } from './quota-announcer.js';

const storeSql = `
  insert into tenant_limits as known (tenant_id, version, plan, api_calls, active_users, events)
  values ($1, $2, $3, $4, $5, $6)
  on conflict (tenant_id) do update
    set version = excluded.version, plan = excluded.plan, api_calls = excluded.api_calls,
        active_users = excluded.active_users, events = excluded.events
    where known.version < excluded.version
  returning version`;

/** Takes over what a tenant's plan allows. An announcement that was overtaken by a later one changes nothing. */
export function createLimitsHandler(announce: AnnounceQuota, logger: Logger): EventHandler {
  const states = new WeakMap<DomainEvent, QuotaState>();
  return {
    types: [tenantLimitsEventType],
    async handle(event, entityManager) {
      const { id, tenantId, payload } = event;
      const parsed = tenantLimitsSchema.safeParse(payload);
      // Delivering a broken announcement again would not mend it.
      if (!parsed.success || tenantId === undefined) {
        logger.error({ eventId: id, err: parsed.error }, 'limits of a tenant are not valid');
        return;
      }
      const { version, plan, limits } = parsed.data;
      const { apiCallsPerMonth, activeUsersPerMonth, eventsPerMonth } = limits;
      const stored = await sqlOf(entityManager)(storeSql, [
        tenantId,
        version,
        plan,
        apiCallsPerMonth,
        activeUsersPerMonth,
        eventsPerMonth,
      ]);
      if (stored.length === 0) return;
      const state = await judgeCalls(entityManager, tenantId, true);
      if (state !== undefined) states.set(event, state);
    },
    async afterCommit(event) {
      const state = states.get(event);
      if (state !== undefined) await announce(state);
    },
  };
}
