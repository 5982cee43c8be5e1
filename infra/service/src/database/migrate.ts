import { MikroORM } from '@mikro-orm/postgresql';
import { Migrator } from '@mikro-orm/migrations';
import { jobsGrantsSql, migrateJobs } from '../jobs/index.js';
import type { Logger } from '../logging/index.js';
import { migrationTable, ormOptions, type DatabaseSchema } from './database.js';
import { markLeakproof } from './mark-leakproof.js';
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
  const { database, ownerRole, serviceRole } = databaseNames(options.subgraph);
  const ownerUrl = actingAs(withDatabase(options.adminUrl, database), ownerRole);
  return withClient(ownerUrl, async (client) => {
    await client.query('select pg_advisory_lock($1)', [setupLockKey]);
    await migrateJobs(ownerUrl);
    for (const statement of jobsGrantsSql(serviceRole)) await client.query(statement);
    const orm = new MikroORM({
      ...ormOptions(options),
      clientUrl: ownerUrl,
      driverOptions: { connectionString: ownerUrl, connectionTimeoutMillis: 10_000 },
      extensions: [Migrator],
    });
    try {
      const applied = await orm.migrator.up();
      await markLeakproof(client, options.leakproofFunctions ?? [], options.logger);
      await client.query(`revoke insert, update, delete on ${migrationTable} from ${serviceRole}`);
      return applied.map(({ name }) => name);
    } finally {
      await orm.close(true);
    }
  });
}

/** The same login, but everything is done, and owned, by another role. */
function actingAs(url: string, role: string): string {
  const changed = new URL(url);
  changed.searchParams.set('options', `-c role=${role}`);
  return changed.href;
}
