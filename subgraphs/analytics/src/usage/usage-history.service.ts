import { sqlOf } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import { requirePermission } from '@tessera/service/identity';
import type { Caller } from '@tessera/service/tenancy';

export interface UsageOfDay {
  /** As `2026-11-21`. */
  readonly day: string;
  readonly apiCalls: number;
  readonly apiErrors: number;
  readonly events: number;
}

const maxDays = 400;

/** Days on which nothing was used are rows too: who draws a chart need not fill gaps. */
const historySql = `
  select to_char(days.day, 'YYYY-MM-DD') as day, coalesce(sum(api_calls), 0)::float8 as "apiCalls",
         coalesce(sum(api_errors), 0)::float8 as "apiErrors", coalesce(sum(events), 0)::float8 as events
  from generate_series((now() at time zone 'UTC')::date - ($2::integer - 1), (now() at time zone 'UTC')::date, '1 day')
         as days (day)
  left join usage_day on usage_day.tenant_id = $1 and usage_day.day = days.day::date
  group by days.day order by days.day desc`;

/** What a tenant used, day by day. */
export class UsageHistoryService {
  /** @returns the active tenant's last days, today first */
  async list({ principal, scope }: Caller, days: number): Promise<readonly UsageOfDay[]> {
    const { tenantId } = requirePermission(principal, 'metrics:read');
    if (days < 1 || days > maxDays) {
      throw new AppError('BAD_USER_INPUT', `A history has 1 to ${maxDays} days`, { details: { days, maxDays } });
    }
    return scope.readStale((entityManager) => sqlOf(entityManager)<UsageOfDay>(historySql, [tenantId, days]));
  }
}
