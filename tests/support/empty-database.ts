import type { MikroORM } from '@mikro-orm/postgresql';
import { subgraphs } from '@tessera/local/subgraphs';
import { databaseNames, openDatabase, provisionDatabase, serviceUrl, withDatabase } from '@tessera/service/database';
import { createLeftovers, quietLogger } from './leftovers.js';
import { startPostgresServer } from './postgres-server.js';

/** A database as a service has it, for tests of how it is spoken to. */
export interface EmptyDatabase {
  /** Connected as the service's role. */
  readonly orm: MikroORM;
  /** Connects as superuser to the service's database. */
  readonly ownerUrl: string;
  /** The service's role. */
  readonly serviceRole: string;
  close(): Promise<void>;
}

/** Starts PostgreSQL with storage's database, in which there are no tables yet. @param poolMax connections of the service at most */
export async function openEmptyDatabase(poolMax: number): Promise<EmptyDatabase> {
  const leftovers = createLeftovers();
  const { adminUrl, stop } = await startPostgresServer();
  leftovers.defer('postgres', stop);
  await provisionDatabase(adminUrl, 'storage', 'service-password');
  const { database, serviceRole } = databaseNames('storage');
  const { entities, migrations } = subgraphs.storage;
  const url = serviceUrl(adminUrl, 'storage', 'service-password');
  const orm = openDatabase({ entities, migrations, url, poolMax, logger: quietLogger() });
  leftovers.defer('orm', () => orm.close());
  return { orm, ownerUrl: withDatabase(adminUrl, database), serviceRole, close: () => leftovers.close() };
}
