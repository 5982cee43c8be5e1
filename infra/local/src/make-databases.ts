import { provisionDatabase, unusableDatabase, withClient } from '@tessera/service/database';
import { StartError } from '@tessera/service/errors';
import type { ServiceName } from './subgraphs.js';

/** SQLSTATE `insufficient_privilege`. */
const insufficientPrivilege = '42501';

export interface MakeDatabasesOptions {
  /** The variable that says where the server is. */
  readonly setting: string;
  readonly adminUrl: string;
  readonly passwordOf: (name: ServiceName) => string;
}

/**
 * Makes the roles and databases of subgraphs where they are missing.
 *
 * @throws StartError where the server cannot be reached, or its login lacks a right
 */
export async function makeDatabases(
  names: readonly ServiceName[],
  { setting, adminUrl, passwordOf }: MakeDatabasesOptions,
): Promise<void> {
  await withClient(adminUrl, (client) => client.query('select 1')).catch((error: unknown) => {
    throw unusableDatabase(setting, adminUrl, error);
  });
  for (const name of names) {
    await provisionDatabase(adminUrl, name, passwordOf(name)).catch((error: unknown) => {
      const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
      if (code !== insufficientPrivilege) throw error;
      throw new StartError(`${setting}: its role cannot prepare the database of ${name}: ${String(message)}`, {
        cause: error,
      });
    });
  }
}
