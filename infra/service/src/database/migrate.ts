import { MikroORM } from '@mikro-orm/postgresql';
import { Migrator } from '@mikro-orm/migrations';
import type { Logger } from '../logging/index.js';
import { ormOptions, type DatabaseSchema } from './database.js';
import { databaseNames, setupLockKey, withClient, withDatabase } from './provision.js';

export interface MigrateOptions extends DatabaseSchema {
  /** A role that may become the subgraph's owner role. */
  readonly adminUrl: string;
  readonly subgraph: string;
  readonly logger: Logger;
}

/**
 * Brings one subgraph's tables up to date, as the role that owns them. Safe to run from many processes at once:
 * one migrates, the others wait and find nothing to do.
 *
 * @returns the names of the migrations that were applied
 */
export async function migrateDatabase(options: MigrateOptions): Promise<readonly string[]> {
  const { database, ownerRole } = databaseNames(options.subgraph);
  return withClient(withDatabase(options.adminUrl, database), async (client) => {
    await client.query('select pg_advisory_lock($1)', [setupLockKey]);
    const orm = new MikroORM({
      ...ormOptions(options),
      clientUrl: withDatabase(options.adminUrl, database),
      driverOptions: { options: `-c role=${ownerRole}`, connectionTimeoutMillis: 10_000 },
      extensions: [Migrator],
    });
    try {
      const applied = await orm.migrator.up();
      return applied.map(({ name }) => name);
    } finally {
      await orm.close(true);
    }
  });
}
