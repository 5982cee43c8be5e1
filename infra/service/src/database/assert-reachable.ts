import type { MikroORM } from '@mikro-orm/postgresql';
import { StartError } from '../errors/index.js';

/**
 * Asks the database for a sign of life before anything else is asked of it.
 *
 * @param setting the variable that leads there
 * @throws StartError naming setting, database and host, and never the password
 */
export async function assertReachable(orm: MikroORM, setting: string): Promise<void> {
  try {
    await orm.em.getConnection().execute('select 1');
  } catch (error) {
    throw unusableDatabase(setting, orm.config.get('clientUrl') ?? '', error);
  }
}

/** What to tell of a database that cannot be worked with, to whoever has set where it is. */
export function unusableDatabase(setting: string, url: string, cause: unknown): StartError {
  const { host, pathname } = new URL(url);
  const database = pathname === '/' ? 'PostgreSQL' : `database ${pathname.slice(1)}`;
  return new StartError(`${setting}: ${database} at ${host} cannot be used: ${reasonOf(cause)}`, { cause });
}

/** Of a name with several addresses each has failed, and only they say why. */
function reasonOf(thrown: unknown): string {
  if (thrown instanceof AggregateError) return [...new Set(thrown.errors.map(reasonOf))].join('; ');
  return thrown instanceof Error && thrown.message !== '' ? thrown.message : String(thrown);
}
