import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Migration } from '@mikro-orm/migrations';
import { databaseNames, migrateDatabase, provisionDatabase, serviceUrl, withDatabase } from '@tessera/service/database';
import { StartError } from '@tessera/service/errors';
import { createInProcessCache } from '@tessera/service/cache';
import { createInProcessEventBus } from '@tessera/service/events';
import { createInProcessPubSubHub } from '@tessera/service/pubsub';
import { createSubgraph, type Subgraph } from '@tessera/service/subgraph';
import { eventually } from '../../support/eventually.js';
import { greeter } from '../../support/greeter-subgraph.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { runSql, startPostgresServer, type PostgresServer } from '../../support/postgres-server.js';
import { principalSecret, servicePassword } from '../../support/subgraph-harness.js';

class AddTable extends Migration {
  override up(): void {
    this.addSql('create table greeting (id int)');
  }
}

/** The version after the one that greets. */
const later: Subgraph = {
  ...greeter,
  migrations: [...greeter.migrations, { name: '0002-greetings', class: AddTable }],
};

const leftovers = createLeftovers();
let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgresServer();
  await provisionDatabase(postgres.adminUrl, 'greeter', servicePassword);
}, 60_000);
afterEach(() => leftovers.close());
afterAll(() => postgres.stop());

const migrate = (subgraph: Subgraph) =>
  migrateDatabase({ ...subgraph, subgraph: 'greeter', adminUrl: postgres.adminUrl, logger: quietLogger() });

async function start(subgraph: Subgraph, waitMs: number): Promise<number> {
  const logger = quietLogger();
  const created = await createSubgraph(subgraph, {
    environment: {
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: serviceUrl(postgres.adminUrl, 'greeter', servicePassword),
      DATABASE_MIGRATION_WAIT_MS: String(waitMs),
      PRINCIPAL_SECRET: principalSecret,
      LOG_LEVEL: 'silent',
      DRAIN_DELAY_MS: '0',
    },
    adapters: {
      cache: createInProcessCache(),
      pubSub: createInProcessPubSubHub(),
      eventBus: createInProcessEventBus({ logger }),
    },
  });
  leftovers.defer('service', () => created.stop());
  return created.start();
}

test('a service does not start before its database has been migrated, and names what is missing', async () => {
  const starting = start(later, 0);

  await expect(starting).rejects.toThrow(StartError);
  await expect(starting).rejects.toThrow(
    'Database tessera_greeter lacks migrations of this version: 0001-common-tables, 0002-greetings.',
  );
});

test('it waits for a migration that comes in time', async () => {
  await migrate(greeter);
  const starting = start(later, 60_000);
  const url = withDatabase(postgres.adminUrl, databaseNames('greeter').database);
  const waiting =
    "select 1 from pg_stat_activity where usename = 'tessera_greeter' and query like '%schema_migration%'";
  await eventually(async () => (await runSql(url, waiting)).length > 0);

  await migrate(later);

  await expect(starting).resolves.toBeGreaterThan(0);
}, 60_000);

test('the version before starts on a database that is further already', async () => {
  await migrate(later);

  await expect(start(greeter, 0)).resolves.toBeGreaterThan(0);
}, 60_000);

test('a service whose job queue is of another version says so', async () => {
  await migrate(later);
  const url = withDatabase(postgres.adminUrl, databaseNames('greeter').database);
  await runSql(url, 'update jobs.version set version = version - 1');

  const starting = start(later, 0);

  await expect(starting).rejects.toThrow(StartError);
  await expect(starting).rejects.toThrow('Job queue: pg-boss database requires migrations.');
}, 60_000);
