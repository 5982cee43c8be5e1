import { loadConfig } from '@tessera/service/config';
import { migrateDatabase } from '@tessera/service/database';
import { StartError } from '@tessera/service/errors';
import { createLogger } from '@tessera/service/logging';
import { makeDatabases } from './make-databases.js';
import { migrateConfigSchema } from './migrate-config.js';
import { serviceNames, subgraphs, type ServiceName } from './subgraphs.js';

/**
 * Makes roles and databases where they are missing, and brings the tables up to date: of the subgraphs named on the
 * command line, of all without names. Needs a role that may create roles and databases.
 */
try {
  const config = loadConfig(migrateConfigSchema, process.env);
  const logger = createLogger({ service: 'migrate', level: 'info' });
  const names = parseNames(process.argv.slice(2));
  await makeDatabases(names, {
    setting: 'ADMIN_DATABASE_URL',
    adminUrl: config.ADMIN_DATABASE_URL,
    passwordOf(name) {
      const own = config[`SERVICE_DATABASE_PASSWORD_${name.toUpperCase() as Uppercase<ServiceName>}`];
      return own ?? config.SERVICE_DATABASE_PASSWORD;
    },
  });
  for (const name of names) {
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

function parseNames(names: readonly string[]): readonly ServiceName[] {
  const unknown = names.filter((name) => !(serviceNames as readonly string[]).includes(name));
  if (unknown.length > 0) throw new StartError(`No such subgraph: ${unknown.join(', ')}`);
  return names.length === 0 ? serviceNames : serviceNames.filter((name) => names.includes(name));
}
