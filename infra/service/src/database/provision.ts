import { Client } from 'pg';
import { holdSetupLock } from './setup-lock.js';

/** The database and the two roles of one subgraph: who owns the tables, and who may only use them. */
export interface DatabaseNames {
  readonly database: string;
  readonly ownerRole: string;
  readonly serviceRole: string;
}

export function databaseNames(subgraph: string): DatabaseNames {
  return {
    database: `tessera_${subgraph}`,
    ownerRole: `tessera_${subgraph}_owner`,
    serviceRole: `tessera_${subgraph}`,
  };
}

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

/** The connection string by which a service runs: its own database, as the role that owns nothing. */
export function serviceUrl(adminUrl: string, subgraph: string, password: string): string {
  const names = databaseNames(subgraph);
  const url = new URL(withDatabase(adminUrl, names.database));
  url.username = names.serviceRole;
  url.password = encodeURIComponent(password);
  return url.href;
}

/**
 * Creates what one subgraph needs on a PostgreSQL server, as far as it does not exist: an owner role that cannot log in,
 * a service role that owns nothing and cannot bypass row-level security, and the database with its grants.
 *
 * @param adminUrl a role that may create roles and databases
 * @param password of the service role; set anew on every call, so that rotating it is running this again
 */
export async function provisionDatabase(adminUrl: string, subgraph: string, password: string): Promise<void> {
  const names = databaseNames(subgraph);
  await withClient(adminUrl, async (client) => {
    await holdSetupLock(client);
    await createRole(client, names.ownerRole, 'nologin');
    await createRole(client, names.serviceRole, 'login');
    await client.query(
      `alter role ${names.serviceRole} with login nosuperuser nobypassrls password ${client.escapeLiteral(password)}`,
    );
    // Limits sit on the role, because a pooler in transaction mode drops start-up parameters.
    await client.query(`alter role ${names.serviceRole} set statement_timeout = '15s'`);
    await client.query(`alter role ${names.serviceRole} set lock_timeout = '5s'`);
    await client.query(`alter role ${names.serviceRole} set idle_in_transaction_session_timeout = '60s'`);
    await client.query(`grant ${names.ownerRole} to current_user`);
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [names.database]);
    if (rowCount === 0) await client.query(`create database ${names.database} owner ${names.ownerRole}`);
    await client.query(`revoke all on database ${names.database} from public`);
    await client.query(`grant connect on database ${names.database} to ${names.serviceRole}`);
  });
  await withClient(withDatabase(adminUrl, names.database), async (client) => {
    await client.query(`grant usage, create on schema public to ${names.ownerRole}`);
    await client.query(`grant usage on schema public to ${names.serviceRole}`);
    const defaults = `alter default privileges for role ${names.ownerRole} in schema public`;
    await client.query(`${defaults} grant select, insert, update, delete on tables to ${names.serviceRole}`);
    await client.query(`${defaults} grant usage, select on sequences to ${names.serviceRole}`);
  });
}

async function createRole(client: Client, role: string, login: 'login' | 'nologin'): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  if (rowCount === 0) await client.query(`create role ${role} ${login} noinherit`);
}

/** Runs work on one connection and closes it, whatever happens. */
export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000, query_timeout: 60_000 });
  // What the connection was asked for is rejected; that it broke while nothing was asked must not end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
