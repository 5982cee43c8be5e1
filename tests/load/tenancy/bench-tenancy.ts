import { parseArgs } from 'node:util';
import type { MikroORM } from '@mikro-orm/postgresql';
import { subgraphs } from '@tessera/local/subgraphs';
import {
  databaseNames,
  newId,
  openDatabase,
  openSessionReader,
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
import { compareCosts, concurrency, type Cost, type Way } from './compare-costs.js';
import { fillItems, reads } from './items.js';

const password = 'service-password';
const userId = newId();

/**
 * Milliseconds are processor time of a request, of this process and of PostgreSQL (`db`: its part); `times` compares with the
 * way that is named last, whose reads go by statements that connections keep, too, where they do.
 */
const titles = ['tenants', 'three reads', 'ms', 'db', 'times', 'requests/s', 'times', 'against'];

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
      const ways = waysOf({ owner, plainOwner, service });
      const costs = await compareCosts(ways, { tenantIds, rounds: Number(values.rounds), folder: postgres.folder });
      for (const [index, way] of ways.entries()) rows.push([String(tenants), ...describeCost(way, costs[index])]);
    }
    await Promise.all([service.close(), owner.close(), plainOwner.close()]);
    process.stdout.write(`${values.rows} rows, ${concurrency} at a time\n${formatTable(titles, rows, 1)}\n`);
  } finally {
    await postgres.stop();
  }
}

function describeCost({ name, against }: Way, cost: Cost | undefined): readonly string[] {
  const times = (value: number | undefined): string => (against === undefined ? '' : (value?.toFixed(2) ?? ''));
  const { processorMs, databaseMs, perSecond } = cost ?? { processorMs: NaN, databaseMs: NaN, perSecond: NaN };
  return [
    name,
    processorMs.toFixed(3),
    databaseMs.toFixed(3),
    times(cost?.times),
    perSecond.toFixed(0),
    times(cost?.timesByRate),
    against ?? '',
  ];
}

interface Databases {
  readonly owner: MikroORM;
  readonly plainOwner: MikroORM;
  readonly service: MikroORM;
}

/** An owner's reads go the same way as those of a tenant, in each comparison, but nothing is set before them. */
function waysOf({ owner, plainOwner, service }: Databases): readonly Way[] {
  return [
    { name: 'owner, together', request: together(withoutSettings(owner)) },
    { name: 'with settings, together', request: together(inScope(owner)), against: 'owner, together' },
    { name: 'RLS, together', request: together(inScope(service)), against: 'owner, together' },
    { name: 'owner, one by one', request: oneByOne(withoutSettings(owner)) },
    { name: 'RLS, one by one', request: oneByOne(inScope(service)), against: 'owner, one by one' },
    { name: 'owner by the ORM, together', request: together(byOrm(plainOwner)) },
    { name: 'RLS, together again', request: together(inScope(service)), against: 'owner by the ORM, together' },
  ];
}

/** Opens what one request reads by. */
type OpenReads = (tenantId: string) => (sql: string) => Promise<unknown>;

/** As the fields of a GraphQL request are resolved. */
function together(openReads: OpenReads): Way['request'] {
  return async (tenantId) => {
    await Promise.all(reads.map(openReads(tenantId)));
  };
}

/** As a resolver does whose reads need each other. */
function oneByOne(openReads: OpenReads): Way['request'] {
  return async (tenantId) => {
    const read = openReads(tenantId);
    for (const sql of reads) await read(sql);
  };
}

/** As one would without tenancy, and otherwise the same way: nothing to set, as a role that row-level security does not hold. */
function withoutSettings(orm: MikroORM): OpenReads {
  return (tenantId) => {
    const run = sqlOf(openSessionReader(orm));
    return (sql) => run(sql, [tenantId]);
  };
}

/** As the ORM does it by itself: each statement parsed and planned anew. */
function byOrm(orm: MikroORM): OpenReads {
  return (tenantId) => {
    const run = sqlOf(orm.em.fork() as EntityManager);
    return (sql) => run(sql, [tenantId]);
  };
}

/** As a subgraph does it: the settings that carry the tenant travel with the reads. */
function inScope(orm: MikroORM): OpenReads {
  return (tenantId) => {
    const scope = new DataScope(orm, { kind: 'user', tenantId, userId, roles: ['USER'], scopes: [] });
    return (sql) => scope.read((entityManager) => sqlOf(entityManager)(sql, [tenantId]));
  };
}
