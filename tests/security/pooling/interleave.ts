import type { MikroORM } from '@mikro-orm/postgresql';
import { newId, sqlOf, type EntityManager } from '@tessera/service/database';
import { DataScope } from '@tessera/service/tenancy';

/** What ends a transaction of a tenant before its time, in the database's own words. */
export const disturbances = [
  { name: 'an error', sql: 'select 1 / 0', says: /division by zero/ },
  { name: 'a timeout', sql: 'select pg_sleep(5)', says: /statement timeout/ },
  { name: 'a cancel', sql: 'select pg_cancel_backend(pg_backend_pid())', says: /user request/ },
  { name: 'a lost connection', sql: 'select pg_terminate_backend(pg_backend_pid())', says: /terminat|closed|crashed/ },
] as const;

type Disturbance = (typeof disturbances)[number];

/** In what it happens: in a transaction that has written, in one of a single statement, which reads or writes, or of several that read. */
const ways = {
  async write(scope: DataScope, { sql }: Disturbance): Promise<void> {
    await scope.write(async (em) => {
      const run = sqlOf(em);
      await run(insertAsTenant, [newId()]);
      if (sql.includes('pg_sleep')) await run(`select set_config('statement_timeout', '20ms', true)`);
      await run(sql);
    });
  },
  async read(scope: DataScope, { sql }: Disturbance): Promise<void> {
    await scope.read((em) => sqlOf(em)(sql));
  },
  /** Among other reads of the same request, which share its connection once they are known to be quick. */
  async readTogether(scope: DataScope, { sql }: Disturbance): Promise<void> {
    const ask = (statement: string) => scope.read((em) => sqlOf(em)<{ seen: string }>(statement));
    const reads = [ask(ownTenantsSql), ask(sql), ask(ownTenantsSql), ask(`${ownTenantsSql} limit 1`)] as const;
    const [before, disturbed, ...after] = await Promise.allSettled(reads);
    for (const read of [before, ...after]) {
      if (read.status === 'rejected') throw new Error('A read beside it failed', { cause: read.reason });
      if (read.value.some(({ seen }) => seen !== 'own')) throw new Error('A read beside it showed another tenant');
      if (read.value.length !== 1) throw new Error('A read beside it does not show what was written');
    }
    if (disturbed.status === 'rejected') throw disturbed.reason;
  },
  async runAlone(scope: DataScope, { sql }: Disturbance): Promise<void> {
    await scope.runAlone(`with written as (${insertAsTenant} returning 1) select (${sql}) from written`, [newId()]);
  },
} as const;

const ownTenantsSql = `select case when tenant_id::text = current_setting('app.tenant_id') then 'own' else 'foreign' end as seen
  from note`;

const insertAsTenant = `insert into note (id, tenant_id) values ($1, current_setting('app.tenant_id')::uuid)`;

/** A timeout that is shorter than everybody's can be set within a transaction alone. */
function wayOf({ sql }: Disturbance, round: number): keyof typeof ways {
  if (sql.includes('pg_sleep')) return 'write';
  return (['write', 'read', 'readTogether', 'runAlone'] as const)[round % 4] ?? 'write';
}

/** What was seen while many tenants shared a few connections. */
export interface Tally {
  /** Reads that showed the tenant exactly what it had written. */
  ownReads: number;
  /** Rows of other tenants, and rows of one's own that were to be undone. */
  foreignRows: number;
  /** What a statement without a tenant saw, in between. */
  rowsWithoutTenant: number;
  readonly disturbed: Record<string, number>;
  readonly faults: string[];
}

/** How many tenants are under way at a time: many more than there are connections. */
const concurrency = 20;

/** Lets every tenant write a row, be disturbed, and read, all at the same time as others. */
export async function interleave(orm: MikroORM, tenantIds: readonly string[]): Promise<Tally> {
  const tally: Tally = { ownReads: 0, foreignRows: 0, rowsWithoutTenant: 0, disturbed: {}, faults: [] };
  const waiting = tenantIds.entries();
  const work = async (): Promise<void> => {
    for (const [index, tenantId] of waiting) {
      const disturbance = disturbances[index % disturbances.length];
      const round = Math.floor(index / disturbances.length);
      if (disturbance !== undefined) await visit(orm, tenantId, { disturbance, round }, tally);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return tally;
}

interface Visit {
  readonly disturbance: Disturbance;
  /** How often all disturbances have happened before. */
  readonly round: number;
}

async function visit(orm: MikroORM, tenantId: string, { disturbance, round }: Visit, tally: Tally): Promise<void> {
  const scope = (): DataScope =>
    new DataScope(orm, { kind: 'user', tenantId, userId: newId(), roles: ['USER'], scopes: [] });
  const id = newId();
  await scope().write((em) => sqlOf(em)('insert into note (id, tenant_id) values ($1, $2)', [id, tenantId]));
  await disturb(scope(), disturbance, wayOf(disturbance, round), tally);
  tally.rowsWithoutTenant += (await sqlOf(orm.em.fork() as EntityManager)('select 1 from note')).length;
  const reading = scope();
  const rows = await reading.read((em) => sqlOf(em)<{ id: string }>('select id from note where id <> $1', [newId()]));
  reading.close();
  if (rows.some((row) => row.id === id)) tally.ownReads += 1;
  tally.foreignRows += rows.filter((row) => row.id !== id).length;
}

/** Breaks a transaction off in its middle, after it has seen something; what it wrote must not stay. */
async function disturb(
  scope: DataScope,
  disturbance: Disturbance,
  way: keyof typeof ways,
  tally: Tally,
): Promise<void> {
  const { name, says } = disturbance;
  try {
    await ways[way](scope, disturbance);
    tally.faults.push(`${name} of ${way} did not happen`);
  } catch (error) {
    if (says.test(String(error))) tally.disturbed[name] = (tally.disturbed[name] ?? 0) + 1;
    else tally.faults.push(`${name} of ${way}: ${String(error)} ${String(error instanceof Error ? error.cause : '')}`);
  } finally {
    scope.close();
  }
}
