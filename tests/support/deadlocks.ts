import { databaseNames } from '@tessera/service/database';
import { runSql } from './postgres-server.js';

/**
 * How many deadlocks the database of a subgraph ever had: a client that is told to try again, and does, hides them. One is counted
 * at once, for who was in it has waited for longer than counts are held back.
 */
export async function deadlocksOf(subgraph: string, { adminUrl }: { readonly adminUrl: string }): Promise<number> {
  const { database } = databaseNames(subgraph);
  const sql = `select deadlocks::int as deadlocks from pg_stat_database where datname = '${database}'`;
  const [row] = await runSql(adminUrl, sql);
  return Number(row?.['deadlocks']);
}
