import { parseArgs } from 'node:util';
import type { MikroORM } from '@mikro-orm/postgresql';
import { subgraphs } from '@tessera/local/subgraphs';
import {
  databaseNames,
  newId,
  openDatabase,
  openSessionWriter,
  provisionDatabase,
  serviceUrl,
  sqlOf,
  withDatabase,
  type EntityManager,
} from '@tessera/service/database';
import { DataScope } from '@tessera/service/tenancy';
import { quietLogger } from '../../support/leftovers.js';
import { startPostgresServer } from '../../support/postgres-server.js';
import { formatTable } from '../table.js';
import { compareCosts, concurrency, type Cost, type Request } from './compare-costs.js';
import { fillItems, reads } from './items.js';

const password = 'service-password';
const userId = newId();

/**
 * Milliseconds are processor time of a request, of this process and of PostgreSQL (`db`: its part); `times` compares with the
 * owner's, whose reads go the same way, by statements that connections keep.
 */
const titles = [
  'tenants',
  'owner/s',
  'with RLS/s',
  'times',
  'owner ms',
  'db',
  'with settings ms',
  'times',
  'with RLS ms',
  'db',
  'times',
  'owner by the ORM ms',
  'times',
];

/** Compares a request of three tenant-scoped reads with row-level security to the same reads without. */
export async function benchTenancy(commandLine: readonly string[]): Promise<void> {
  const options = {
    rows: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '5' },
    tenants: { type: 'string', default: '1,100,10000' },
  } as const;
  const { values } = parseArgs({ args: [...commandLine], options });
  const postgres = await startPostgresServer();
  try {
    await provisionDatabase(postgres.adminUrl, 'storage', password);
    const ownerUrl = withDatabase(postgres.adminUrl, databaseNames('storage').database);
    const { entities, migrations } = subgraphs.storage;
    const open = (url: string): MikroORM =>
      openDatabase({ entities, migrations, url, poolMax: concurrency, logger: quietLogger() });
    const service = open(serviceUrl(postgres.adminUrl, 'storage', password));
    const [owner, plainOwner] = [open(ownerUrl), open(ownerUrl)];
    const rows: string[][] = [];
    for (const tenants of values.tenants.split(',').map(Number)) {
      const { tenantIds, bytes } = await fillItems(ownerUrl, Number(values.rows), tenants);
      process.stdout.write(`${values.rows} rows of ${tenants} tenants: ${Math.round(bytes / 1e6)} MB\n`);
      const ways = [withoutSettings(owner), inScope(owner), inScope(service), byOrm(plainOwner)];
      const costs = await compareCosts(ways, { tenantIds, rounds: Number(values.rounds), folder: postgres.folder });
      rows.push([String(tenants), ...describeCosts(costs)]);
    }
    await Promise.all([service.close(), owner.close(), plainOwner.close()]);
    process.stdout.write(`${values.rows} rows, ${concurrency} at a time\n${formatTable(titles, rows, 0)}\n`);
  } finally {
    await postgres.stop();
  }
}

function describeCosts([owner, settings, tenant, orm]: readonly Cost[]): readonly string[] {
  return [
    owner?.perSecond.toFixed(0),
    tenant?.perSecond.toFixed(0),
    tenant?.timesByRate.toFixed(2),
    owner?.processorMs.toFixed(3),
    owner?.databaseMs.toFixed(3),
    settings?.processorMs.toFixed(3),
    settings?.times.toFixed(2),
    tenant?.processorMs.toFixed(3),
    tenant?.databaseMs.toFixed(3),
    tenant?.times.toFixed(2),
    orm?.processorMs.toFixed(3),
    orm?.times.toFixed(2),
  ].map((cell = '') => cell);
}

/** As one would without tenancy, and otherwise the same way: nothing to set, as a role that row-level security does not hold. */
function withoutSettings(orm: MikroORM): Request {
  return async (tenantId) => {
    const run = sqlOf(openSessionWriter(orm, {}));
    for (const sql of reads) await run(sql, [tenantId]);
  };
}

/** As the ORM does it by itself: each statement parsed and planned anew. */
function byOrm(orm: MikroORM): Request {
  return async (tenantId) => {
    const run = sqlOf(orm.em.fork() as EntityManager);
    for (const sql of reads) await run(sql, [tenantId]);
  };
}

/** As a subgraph does it: the settings that carry the tenant travel with every read. */
function inScope(orm: MikroORM): Request {
  return async (tenantId) => {
    const scope = new DataScope(orm, { kind: 'user', tenantId, userId, roles: ['USER'], scopes: [] });
    for (const sql of reads) await scope.read((entityManager) => sqlOf(entityManager)(sql, [tenantId]));
    scope.close();
  };
}
