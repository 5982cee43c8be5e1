import { MikroORM } from '@mikro-orm/postgresql';
import { Migrator } from '@mikro-orm/migrations';
import { jobsGrantsSql, migrateJobs } from '../jobs/index.js';
import type { Logger } from '../logging/index.js';
import { migrationTable, ormOptions, type DatabaseSchema } from './database.js';
import { defaultLockPatience, untilLocked, type LockPatience } from './lock-attempts.js';
import { markLeakproof } from './mark-leakproof.js';
import { databaseNames, withClient, withDatabase } from './provision.js';
import { holdSetupLock } from './setup-lock.js';

export interface MigrateOptions extends DatabaseSchema {
  /** A role that may become the subgraph's owner role. */
  readonly adminUrl: string;
  readonly subgraph: string;
  readonly logger: Logger;
  /** The defaults suit production, tests shorten them. */
  readonly patience?: Partial<LockPatience> & {
    /** How long to wait for another process that migrates. */
    readonly setupTimeoutMs?: number;
  };
}

/**
 * Brings one subgraph's tables up to date, as the role that owns them. Safe to run from many processes at once: one migrates, the
 * others wait and find nothing to do. Safe beside running services, too: where a transaction holds a lock for long, migrations step
 * back and let others pass, as often as the patience says.
 *
 * @returns the names of the migrations that were applied
 * @throws StartError when the locks were not to be had, or another process migrates for too long
 */
export async function migrateDatabase(options: MigrateOptions): Promise<readonly string[]> {
  const { subgraph, adminUrl, logger, leakproofFunctions = [] } = options;
  const { setupTimeoutMs, ...lockPatience } = options.patience ?? {};
  const patience = { ...defaultLockPatience, ...lockPatience };
  const { database, ownerRole, serviceRole } = databaseNames(subgraph);
  const databaseUrl = withDatabase(adminUrl, database);
  // The job queue builds indexes concurrently, which a lock_timeout would leave half made: its connections have none.
  const ownerUrl = connectingWith(databaseUrl, { role: ownerRole });
  const migratorUrl = connectingWith(databaseUrl, { role: ownerRole, lock_timeout: patience.lockTimeoutMs });
  return withClient(ownerUrl, async (client) => {
    await holdSetupLock(client, { logger, ...(setupTimeoutMs !== undefined && { timeoutMs: setupTimeoutMs }) });
    await migrateJobs(ownerUrl);
    for (const statement of jobsGrantsSql(serviceRole)) await client.query(statement);
    const applied: string[] = [];
    await untilLocked(() => applyMigrations(migratorUrl, options, applied), { database, patience, logger });
    await markLeakproof(client, leakproofFunctions, logger);
    await client.query(`revoke insert, update, delete on ${migrationTable} from ${serviceRole}`);
    return applied;
  });
}

/**
 * Each in a transaction of its own: what one has locked is free again while the next, an index of a large table say, takes its time.
 *
 * @param applied gets the names, also of those before one that fails: they are not made again
 */
async function applyMigrations(url: string, options: MigrateOptions, applied: string[]): Promise<void> {
  const orm = new MikroORM({
    ...ormOptions(options),
    clientUrl: url,
    driverOptions: { connectionString: url, connectionTimeoutMillis: 10_000 },
    extensions: [Migrator],
  });
  try {
    orm.migrator.on('migrated', ({ name }) => void applied.push(name));
    await orm.migrator.up();
  } finally {
    await orm.close(true);
  }
}

/** The same login with settings of its own; by `role` everything is done, and owned, by another role. */
function connectingWith(url: string, settings: Readonly<Record<string, string | number>>): string {
  const changed = new URL(url);
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  changed.searchParams.set('options', options.join(' '));
  return changed.href;
}
