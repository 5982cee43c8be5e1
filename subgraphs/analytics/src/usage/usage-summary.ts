import { sqlOf } from '@tessera/service/database';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import { usageRequestEventType, usageSummaryEventType, type UsageSummary } from '@tessera/service/quotas';
import type { EventHandler } from '@tessera/service/subgraph';

const batchSize = 1_000;

/** What is asked for in the first hour of a day is about the day before. */
const summarySql = `
  select tenant_id::text as "tenantId", to_char(asked.day, 'YYYY-MM-DD') as day,
         asked.day < (now() at time zone 'UTC')::date as "isFinal", sum(api_calls)::float8 as "apiCalls",
         sum(api_errors)::float8 as "apiErrors", sum(events)::float8 as events,
         (select count(*)::float8 from active_user
          where active_user.tenant_id = usage_day.tenant_id
            and month = date_trunc('month', asked.day)::date) as "activeUsersOfMonth"
  from usage_day, (select (($1::timestamptz - interval '1 hour') at time zone 'UTC')::date as day) as asked
  where usage_day.day = asked.day
  group by tenant_id, asked.day`;

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
