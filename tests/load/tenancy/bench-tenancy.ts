import { parseArgs } from 'node:util';
import type { MikroORM } from '@mikro-orm/postgresql';
import { subgraphs } from '@tessera/local/subgraphs';
import {
  databaseNames,
  newId,
  openDatabase,
  provisionDatabase,
  serviceUrl,
  sqlOf,
  withClient,
  withDatabase,
  type EntityManager,
} from '@tessera/service/database';
import { DataScope, tenantOwned } from '@tessera/service/tenancy';
import { quietLogger } from '../../support/leftovers.js';
import { startPostgresServer } from '../../support/postgres-server.js';
import { median } from '../median.js';
import { formatTable } from '../table.js';
import { databaseTime } from './database-time.js';

const password = 'service-password';
const concurrency = 10;
const roundMs = 1_000;
const userId = newId();
/** What one request reads: a list, a count, one thing. */
const reads = [
  'select id, value from item where tenant_id = $1 order by id limit 20',
  'select count(*) from (select 1 from item where tenant_id = $1 limit 100) as counted',
  'select id, value from item where tenant_id = $1 order by id desc limit 1',
];

/** Milliseconds are processor time of a request, of this process and of PostgreSQL; `times` compares with the owner's. */
const titles = [
  'tenants',
  'owner/s',
  'with settings/s',
  'with RLS/s',
  'times',
  'owner ms',
  'with settings ms',
  'times',
  'with RLS ms',
  'times',
];

type Request = (tenantId: string) => Promise<void>;

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
    const owner = open(ownerUrl);
    const rows: string[][] = [];
    for (const tenants of values.tenants.split(',').map(Number)) {
      const tenantIds = await fill(ownerUrl, Number(values.rows), tenants);
      const requests = [plainly(owner), inScope(owner), inScope(service)];
      const measured = await compare(requests, { tenantIds, rounds: Number(values.rounds), folder: postgres.folder });
      rows.push([String(tenants), ...measured]);
    }
    await Promise.all([service.close(), owner.close()]);
    process.stdout.write(`${values.rows} rows, ${concurrency} at a time\n${formatTable(titles, rows, 0)}\n`);
  } finally {
    await postgres.stop();
  }
}

/** Makes the table anew, its rows spread over so many tenants. */
async function fill(ownerUrl: string, rows: number, tenants: number): Promise<readonly string[]> {
  const tenantIds = Array.from({ length: tenants }, newId);
  await withClient(ownerUrl, async (client) => {
    await client.query('drop table if exists item');
    await client.query('create table item (tenant_id uuid not null, id int not null, value text not null)');
    const ids = '($1::uuid[])[1 + number % $2]';
    const insert = `insert into item select ${ids}, number, 'value ' || number from generate_series(1, $3::int) as number`;
    await client.query(insert, [tenantIds, tenants, rows]);
    await client.query('create unique index on item (tenant_id, id)');
    for (const statement of tenantOwned('item')) await client.query(statement);
    await client.query(`grant select on item to ${databaseNames('storage').serviceRole}`);
    await client.query('vacuum analyze item');
  });
  return tenantIds;
}

/** As one would without tenancy: each read by itself, as a role that row-level security does not hold. */
function plainly(orm: MikroORM): Request {
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

interface Comparison {
  readonly tenantIds: readonly string[];
  readonly rounds: number;
  /** Where the server's files are. */
  readonly folder: string;
}

interface Cost {
  readonly perSecond: number;
  readonly processorMs: number;
}

/** Of each: requests a second and the processor time of one, in rounds that alternate; and each against the first. */
async function compare(requests: readonly Request[], comparison: Comparison): Promise<readonly string[]> {
  const costs = requests.map((): Cost[] => []);
  for (let round = 0; round <= comparison.rounds; round += 1) {
    for (const [index, request] of requests.entries()) {
      const cost = await measure(request, comparison);
      // The first round warms pools, plans and pages up.
      if (round > 0) costs[index]?.push(cost);
    }
  }
  const rates = costs.map((each) => median(each.map(({ perSecond }) => perSecond)));
  const times = costs.map((each) => median(each.map(({ processorMs }) => processorMs)));
  const [plainRate = Number.NaN, , lastRate = Number.NaN] = rates;
  const [plain = Number.NaN, settings = Number.NaN, last = Number.NaN] = times;
  return [
    ...rates.map((rate) => rate.toFixed(0)),
    (plainRate / lastRate).toFixed(2),
    plain.toFixed(3),
    settings.toFixed(3),
    (settings / plain).toFixed(2),
    last.toFixed(3),
    (last / plain).toFixed(2),
  ];
}

async function measure(request: Request, { tenantIds, folder }: Comparison): Promise<Cost> {
  const databaseBefore = await databaseTime(folder);
  const before = process.cpuUsage();
  const startMs = performance.now();
  let done = 0;
  const work = async (): Promise<void> => {
    while (performance.now() - startMs < roundMs) {
      done += 1;
      await request(tenantIds[(done * 7919) % tenantIds.length] ?? '');
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const tookMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(before);
  const databaseMs = (await databaseTime(folder)) - databaseBefore;
  return { perSecond: (done * 1_000) / tookMs, processorMs: ((user + system) / 1_000 + databaseMs) / done };
}
