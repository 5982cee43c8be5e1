import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Migration } from '@mikro-orm/migrations';
import { databaseNames, migrateDatabase, provisionDatabase, withDatabase } from '@tessera/service/database';
import { StartError } from '@tessera/service/errors';
import { Client } from 'pg';
import { createLeftovers } from '../../support/leftovers.js';
import { logLines, type LoggedLines } from '../../support/logged-lines.js';
import { runSql, startPostgresServer, type PostgresServer } from '../../support/postgres-server.js';

class MakeTable extends Migration {
  override up(): void {
    this.addSql('create table thing (id int)');
    this.addSql('insert into thing values (1)');
  }
}

class AddColumn extends Migration {
  override up(): void {
    this.addSql('alter table thing add column name text');
  }
}

class MakeAnotherTable extends Migration {
  override up(): void {
    this.addSql('create table other (id int)');
  }
}

const first = { name: '0001-thing', class: MakeTable };
const another = { name: '0002-other', class: MakeAnotherTable };
const second = { name: '0002-name', class: AddColumn };
const patience = { lockTimeoutMs: 200, attempts: 100, firstPauseMs: 50 };

const leftovers = createLeftovers();
let server: PostgresServer;
let databases = 0;
let subgraph: string;
let databaseUrl: string;
beforeAll(async () => {
  server = await startPostgresServer();
}, 60_000);
afterAll(() => server.stop());

beforeEach(async () => {
  databases += 1;
  subgraph = `locks${databases}`;
  databaseUrl = withDatabase(server.adminUrl, databaseNames(subgraph).database);
  await provisionDatabase(server.adminUrl, subgraph, 'service-password');
  await migrate([first], logLines());
}, 30_000);
afterEach(() => leftovers.close());

const migrate = (migrations: readonly (typeof first)[], { logger }: LoggedLines, own: object = {}) =>
  migrateDatabase({
    entities: [],
    migrations,
    adminUrl: server.adminUrl,
    subgraph,
    logger,
    patience: { ...patience, ...own },
  });

/** Reads the table in a transaction that stays open. */
async function openLongTransaction(): Promise<{ readonly end: () => Promise<unknown> }> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  leftovers.defer('long transaction', () => client.end());
  await client.query('begin');
  await client.query('select * from thing');
  return { end: () => client.query('commit') };
}

test('a migration that meets a long transaction lets others pass, and is made once that has ended', async () => {
  const transaction = await openLongTransaction();
  const log = logLines();

  const migrating = migrate([first, second], log);
  const line = await log.said('others hold a lock');
  const others = await runSql(databaseUrl, "set statement_timeout = '5s'", 'select * from thing');
  await transaction.end();

  expect(await migrating).toEqual(['0002-name']);
  expect(others).toHaveLength(1);
  expect(line).toMatchObject({ level: 'warn', database: `tessera_${subgraph}`, attempt: 1, attempts: 100 });
}, 30_000);

test('those that are made stay made while the next one waits for its lock', async () => {
  const transaction = await openLongTransaction();
  const log = logLines();

  const migrating = migrate([first, another, second], log);
  await log.said('others hold a lock');
  const made = await runSql(databaseUrl, 'select name from schema_migration order by id');
  await transaction.end();

  expect(made).toEqual([{ name: '0001-thing' }, { name: '0002-other' }]);
  expect(await migrating).toEqual(['0002-other', '0002-name']);
}, 30_000);

test('a migration that gets no lock at all gives up with a line that says so, and changes nothing', async () => {
  const transaction = await openLongTransaction();
  const log = logLines();

  const migrating = migrate([first, second], log, { attempts: 2 });

  await expect(migrating).rejects.toThrow(StartError);
  await expect(migrating).rejects.toThrow(
    `Database tessera_${subgraph}: a migration was not made, for others held a lock at each of 2 attempts`,
  );
  expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  await transaction.end();
  expect(await migrate([first, second], log)).toEqual(['0002-name']);
}, 30_000);

test('a second migrator waits for the first, and then has nothing to do', async () => {
  const transaction = await openLongTransaction();
  const [log, other] = [logLines(), logLines()];

  const migrating = migrate([first, second], log);
  await log.said('others hold a lock');
  const waiting = migrate([first, second], other);
  await other.said('another process sets this database up');
  await transaction.end();

  expect(await Promise.all([migrating, waiting])).toEqual([['0002-name'], []]);
}, 30_000);

test('a second migrator that waits for too long gives up with a line that says so', async () => {
  const transaction = await openLongTransaction();
  const [log, other] = [logLines(), logLines()];

  const migrating = migrate([first, second], log);
  await log.said('others hold a lock');
  const waiting = migrate([first, second], other, { setupTimeoutMs: 300 });

  await expect(waiting).rejects.toThrow(StartError);
  await expect(waiting).rejects.toThrow(
    `Database tessera_${subgraph}: another process has been setting it up for more than 0.3 s`,
  );
  await transaction.end();
  expect(await migrating).toEqual(['0002-name']);
}, 30_000);
