import { CompiledQuery } from 'kysely';
import type { EntityManager } from './database.js';

/** Runs one statement with `$1`-style parameters and answers its rows. */
export type RunSql = <Row extends object = Record<string, unknown>>(
  sql: string,
  parameters?: readonly unknown[],
) => Promise<Row[]>;

/** SQL inside the entity manager's transaction, with parameters that travel apart from the text. */
export function sqlOf(entityManager: EntityManager): RunSql {
  return async <Row extends object>(sql: string, parameters: readonly unknown[] = []) => {
    // Kysely goes past the ORM's own hook, and tests count these statements too.
    entityManager.config.get('onQuery')?.(sql, [...parameters]);
    const result = await entityManager.getKysely().executeQuery(CompiledQuery.raw(sql, [...parameters]));
    return result.rows as Row[];
  };
}
