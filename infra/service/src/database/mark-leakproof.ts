import type { Client } from 'pg';
import type { Logger } from '../logging/index.js';

/**
 * Lets PostgreSQL use functions' operators in indexes of tables behind row-level security. What is not known to be leakproof is
 * looked at only in rows that passed a policy, so an index on it is of no use (PostgreSQL, "Rules and Privileges"). Only a
 * superuser may say of a function that it tells nothing about its arguments; where the login is none, everything is right but
 * slower.
 *
 * @param client a connection that acts as the owner of the tables
 * @param functions signatures, e.g. `word_similarity_commutator_op(text, text)`: from a declaration, never from a caller
 */
export async function markLeakproof(client: Client, functions: readonly string[], logger: Logger): Promise<void> {
  if (functions.length === 0) return;
  const { rows } = await client.query<{ rolname: string; rolsuper: boolean }>(
    'select rolname, rolsuper from pg_roles where rolname in (session_user, current_user) order by rolsuper desc',
  );
  const acting = rows.find(({ rolsuper: isSuperuser }) => isSuperuser);
  if (acting === undefined) {
    logger.warn({ functions }, 'only a superuser can make these leakproof: searches use no index');
    return;
  }
  await client.query('set role none');
  try {
    for (const signature of functions) await client.query(`alter function ${signature} leakproof`);
  } finally {
    await client.query('reset role');
  }
}
