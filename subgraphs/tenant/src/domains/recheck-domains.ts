import { sqlOf } from '@tessera/service/database';
import type { Jobs } from '@tessera/service/jobs';
import type { Logger } from '@tessera/service/logging';
import type { DataScope } from '@tessera/service/tenancy';
import type { HasProof } from './domain-proof.js';

const queue = 'recheck-domains';
const cron = '17 * * * *';
const batchSize = 200;
/** A domain that is sold has another owner within days; one whose record is lost by mistake has time to mend it. */
const maxFailedChecks = 3;

export interface RecheckDomainsOptions {
  readonly serviceScope: (tenantId?: string) => DataScope;
  readonly hasProof: HasProof;
  readonly logger: Logger;
}

interface ProvenDomain {
  readonly id: string;
  readonly tenantId: string;
  readonly domain: string;
  readonly token: string;
}

/** Looks once a day whether proofs are still there; one instance at a time does it. */
export async function recheckDomains(jobs: Jobs, options: RecheckDomainsOptions): Promise<void> {
  await jobs.recur(queue, cron, async ({ signal }) => {
    const lost = await recheckDueDomains(options, signal);
    if (lost > 0) options.logger.info({ lost }, 'domains are proven no more');
  });
}

/** @returns how many are proven no more: their proof was missing three days in a row */
export async function recheckDueDomains(
  { serviceScope, hasProof }: RecheckDomainsOptions,
  signal: AbortSignal,
): Promise<number> {
  let lost = 0;
  for (const { id, tenantId, domain, token } of await findDue(serviceScope())) {
    if (signal.aborted) break;
    // Where no name server answers nothing is known: it is looked again tomorrow.
    const isProven = await hasProof(domain, token).catch(() => undefined);
    const [after] = await serviceScope(tenantId).write((entityManager) =>
      sqlOf(entityManager)<{ readonly isProven: boolean }>(
        `update email_domain set checked_at = now(),
           failed_checks = case when $2::boolean then 0 when $2 is null then failed_checks else failed_checks + 1 end,
           verified_at = case when not $2 and failed_checks + 1 >= $3 then null else verified_at end
         where id = $1 and verified_at is not null returning verified_at is not null as "isProven"`,
        [id, isProven ?? null, maxFailedChecks],
      ),
    );
    if (after?.isProven === false) lost += 1;
  }
  return lost;
}

async function findDue(scope: DataScope): Promise<readonly ProvenDomain[]> {
  return scope
    .read((entityManager) =>
      sqlOf(entityManager)<ProvenDomain>(
        `select id, tenant_id as "tenantId", domain, token from email_domain
         where verified_at is not null and checked_at < now() - interval '1 day' order by checked_at limit $1`,
        [batchSize],
      ),
    )
    .finally(() => scope.close());
}
