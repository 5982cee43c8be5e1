import { withClient } from '@tessera/service/database';

export interface SqlCaller {
  readonly tenantId?: string;
  readonly userId?: string;
}

/**
 * Runs one statement with a service's own database role, as a caller would be announced by the service; nobody without
 * one. It is rolled back.
 */
export async function queryAs(
  databaseUrl: string,
  caller: SqlCaller,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<readonly Record<string, unknown>[]> {
  return withClient(databaseUrl, async (client) => {
    await client.query('begin');
    for (const [name, value] of [
      ['app.tenant_id', caller.tenantId],
      ['app.user_id', caller.userId],
    ] as const) {
      if (value !== undefined) await client.query('select set_config($1, $2, true)', [name, value]);
    }
    try {
      return (await client.query<Record<string, unknown>>(sql, [...parameters])).rows;
    } finally {
      await client.query('rollback');
    }
  });
}
