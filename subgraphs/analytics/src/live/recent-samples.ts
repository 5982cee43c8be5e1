import { sqlOf } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import { liveSampleSchema, type LiveSample } from './live-sample.js';
import { windowMs } from './live-window.js';

export interface RecentSample {
  readonly sample: LiveSample;
  readonly ageMs: number;
}

const recentSql = `
  select 'events' as kind, round(extract(epoch from received_at) * 1000)::bigint::text as key,
         count(*)::integer as events, null::jsonb as usage,
         (extract(epoch from now() - received_at) * 1000)::float8 as age_ms
  from event where tenant_id = $1 and received_at > now() - make_interval(secs => $2)
  group by received_at
  union all
  select 'usage', id::text, null, report, (extract(epoch from now() - reported_at) * 1000)::float8
  from usage_sample where tenant_id = $1 and reported_at > now() - make_interval(secs => $2)`;

type RecentRow = Record<string, unknown> & { readonly age_ms: number };

/** What happened in a tenant during the last seconds, from what is stored: where a live window begins. */
export async function readRecentSamples(scope: DataScope, tenantId: string): Promise<RecentSample[]> {
  try {
    const rows = await scope.read((entityManager) =>
      sqlOf(entityManager)<RecentRow>(recentSql, [tenantId, windowMs / 1_000]),
    );
    return rows.map(({ age_ms, ...sample }) => ({ sample: liveSampleSchema.parse(sample), ageMs: age_ms }));
  } finally {
    scope.close();
  }
}
