import { sqlOf } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import type { HttpServer } from '@tessera/service/http';
import { verifyPrincipal } from '@tessera/service/identity';
import { exhaustedQuotasPath, nextMonth, type QuotaState } from '@tessera/service/quotas';
import type { DataScope } from '@tessera/service/tenancy';

const listSql = `
  select tenant_id::text as "tenantId", version, api_calls::float8 as "limit",
         (select coalesce(sum(usage_day.api_calls), 0)::float8 from usage_day
          where usage_day.tenant_id = tenant_limits.tenant_id
            and day >= date_trunc('month', now() at time zone 'UTC')::date) as used,
         round(extract(epoch from now()) * 1000)::float8 as "atMs"
  from tenant_limits where calls_exhausted_in = date_trunc('month', now() at time zone 'UTC')::date`;

interface ListRow extends Pick<QuotaState, 'tenantId' | 'version' | 'limit' | 'used'> {
  readonly atMs: number;
}

/** Tells a gateway that starts, or may have missed a message, which tenants have no API calls left. */
export function addExhaustedQuotasRoute(
  server: HttpServer,
  serviceScope: () => DataScope,
  principalSecrets: readonly string[],
): void {
  server.get(exhaustedQuotasPath, async (request, reply) => {
    const signed = { audience: 'analytics', method: 'GET', path: exhaustedQuotasPath, body: '' };
    const { principal } = verifyPrincipal(principalSecrets, signed, request.headers, Date.now());
    if (principal.kind !== 'service') throw new AppError('FORBIDDEN', 'Exhausted quotas are for gateways');
    return reply.header('cache-control', 'no-store').send(await listExhausted(serviceScope()));
  });
}

async function listExhausted(scope: DataScope): Promise<readonly QuotaState[]> {
  try {
    const rows = await scope.read((entityManager) => sqlOf(entityManager)<ListRow>(listSql));
    return rows.map(({ atMs, ...state }) => ({
      ...state,
      isExhausted: true,
      resetsAt: nextMonth(new Date(atMs)).toISOString(),
    }));
  } finally {
    scope.close();
  }
}
