import { sqlOf } from '@tessera/service/database';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import { usageRequestEventType, usageSummaryEventType, type UsageSummary } from '@tessera/service/quotas';
import type { EventHandler } from '@tessera/service/subgraph';

const batchSize = 1_000;

/**
 * Of the day of the question, and through its first half of the day before too, whose numbers are final by then: whoever could
 * not ask for some hours misses nothing. An answer replaces the one before it about the same day.
 */
const summarySql = `
  select tenant_id::text as "tenantId", to_char(asked.day, 'YYYY-MM-DD') as day,
         asked.day < (now() at time zone 'UTC')::date as "isFinal", sum(api_calls)::float8 as "apiCalls",
         sum(api_errors)::float8 as "apiErrors", sum(events)::float8 as events,
         (select count(*)::float8 from active_user
          where active_user.tenant_id = usage_day.tenant_id
            and month = date_trunc('month', asked.day)::date) as "activeUsersOfMonth"
  from usage_day, (
    select distinct ((asked_at - ago) at time zone 'UTC')::date as day
    from (select $1::timestamptz as asked_at) as question, unnest('{0 hours, 12 hours}'::interval[]) as ago) as asked
  where usage_day.day = asked.day
  group by tenant_id, asked.day order by asked.day`;

/** Answers who bills: in one transaction with the question, so that each is answered once. */
export function createUsageSummaryHandler(): EventHandler {
  return {
    types: [usageRequestEventType],
    async handle({ occurredAt }, entityManager) {
      const query = sqlOf(entityManager);
      const summaries = await query<UsageSummary & { readonly tenantId: string }>(summarySql, [occurredAt]);
      for (let start = 0; start < summaries.length; start += batchSize) {
        await appendToOutbox(
          query,
          summaries
            .slice(start, start + batchSize)
            .map(({ tenantId, ...payload }) => createDomainEvent({ type: usageSummaryEventType, tenantId, payload })),
        );
      }
    },
  };
}
