import { loadConfig, secretField } from '@tessera/service/config';
import { migrateDatabase, provisionDatabase, withClient } from '@tessera/service/database';
import { StartError } from '@tessera/service/errors';
import { createLogger } from '@tessera/service/logging';
import { z } from 'zod';
import { serviceNames, subgraphs, type ServiceName } from './subgraphs.js';

/** Whoever has broken into one service does not know the password of another's role. Empty: the common one. */
const ownPasswordField = z.preprocess((value) => (value === '' ? undefined : value), secretField.optional());

/**
 * Makes roles and databases where they are missing, and brings the tables up to date: of the subgraphs named on the
 * command line, of all without names. Needs a role that may create roles and databases.
 */
const configSchema = z.object({
  ADMIN_DATABASE_URL: z.string().min(1),
  /** The password that the services' own roles get, but for those that have one of their own. */
  SERVICE_DATABASE_PASSWORD: secretField,
  SERVICE_DATABASE_PASSWORD_AUTH: ownPasswordField,
  SERVICE_DATABASE_PASSWORD_TENANT: ownPasswordField,
  SERVICE_DATABASE_PASSWORD_USER: ownPasswordField,
  SERVICE_DATABASE_PASSWORD_STORAGE: ownPasswordField,
  SERVICE_DATABASE_PASSWORD_ANALYTICS: ownPasswordField,
});

try {
  const config = loadConfig(configSchema, process.env);
  const logger = createLogger({ service: 'migrate', level: 'info' });
  const names = parseNames(process.argv.slice(2));
  await assertReachable(config.ADMIN_DATABASE_URL);
  for (const name of names) {
    const own = config[`SERVICE_DATABASE_PASSWORD_${name.toUpperCase() as Uppercase<ServiceName>}`];
    await provisionDatabase(config.ADMIN_DATABASE_URL, name, own ?? config.SERVICE_DATABASE_PASSWORD);
    const applied = await migrateDatabase({
      ...subgraphs[name],
      subgraph: name,
      adminUrl: config.ADMIN_DATABASE_URL,
      logger,
    });
    logger.info({ subgraph: name, applied }, 'database is up to date');
  }
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}

async function assertReachable(adminUrl: string): Promise<void> {
  try {
    await withClient(adminUrl, (client) => client.query('select 1'));
  } catch (error) {
    throw new StartError(`ADMIN_DATABASE_URL: there is no connection (${(error as Error).message})`, { cause: error });
  }
}

function parseNames(names: readonly string[]): readonly ServiceName[] {
  const unknown = names.filter((name) => !(serviceNames as readonly string[]).includes(name));
  if (unknown.length > 0) throw new StartError(`No such subgraph: ${unknown.join(', ')}`);
  return names.length === 0 ? serviceNames : serviceNames.filter((name) => names.includes(name));
}
