import { setTimeout as pause } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import { StartError } from '../errors/index.js';
import type { Logger } from '../logging/index.js';
import { migrationTable, type DatabaseSchema } from './database.js';

const pollIntervalMs = 500;

/** SQLSTATE `undefined_table`. */
const undefinedTable = '42P01';

export interface AssertMigratedOptions extends Pick<DatabaseSchema, 'migrations'> {
  readonly logger: Logger;
  /** How long to wait for a migration that may be under way. */
  readonly waitMs: number;
}

/**
 * Waits until the database has all migrations of this code. It may have more: while another version is rolled out, instances of the
 * one before go on, and start again.
 *
 * @throws StartError naming those that are missing when the time is over
 */
export async function assertMigrated(
  orm: MikroORM,
  { migrations, logger, waitMs }: AssertMigratedOptions,
): Promise<void> {
  const names = migrations.map(({ name }) => name);
  const deadlineMs = performance.now() + waitMs;
  for (let attempt = 1; ; attempt += 1) {
    const applied = await readApplied(orm);
    const missing = names.filter((name) => !applied.has(name));
    if (missing.length === 0) return;
    if (performance.now() >= deadlineMs) {
      const database = orm.config.get('dbName');
      throw new StartError(
        `Database ${database} lacks migrations of this version: ${missing.join(', ')}. Migrate it (npm run migrate), then start again`,
      );
    }
    if (attempt === 1) logger.warn({ missing, waitMs }, 'the database lacks migrations: waiting for them');
    await pause(pollIntervalMs);
  }
}

async function readApplied(orm: MikroORM): Promise<ReadonlySet<string>> {
  try {
    const rows = await orm.em.getConnection().execute<{ name: string }[]>(`select name from ${migrationTable}`);
    return new Set(rows.map(({ name }) => name));
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === undefinedTable) return new Set();
    throw error;
  }
}
