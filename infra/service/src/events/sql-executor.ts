/**
 * Runs one statement inside the caller's transaction and answers its rows. It keeps this room free of any ORM: with
 * MikroORM it is `(sql, parameters) => em.execute(...)`, with `pg` it is `client.query(...).rows`.
 * Placeholders are PostgreSQL's `$1`.
 */
export type SqlExecutor = (sql: string, parameters: readonly unknown[]) => Promise<readonly unknown[]>;
