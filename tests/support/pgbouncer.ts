import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';

/** A real pgbouncer in front of a PostgreSQL, in transaction mode. */
export interface PgBouncer {
  /** The URL by which the given database is reached through it. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts `pgbouncer` before the database of a URL; all clients share so many connections to it. */
export async function startPgBouncer(
  databaseUrl: string,
  { poolSize }: { readonly poolSize: number },
): Promise<PgBouncer> {
  const behind = new URL(databaseUrl);
  const folder = await mkdtemp(join(tmpdir(), 'tessera-pgbouncer-'));
  const port = await freePort();
  const users = join(folder, 'users.txt');
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(users, `"${behind.username}" "${decodeURIComponent(behind.password)}"\n`);
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'plain',
    auth_file: users,
    pool_mode: 'transaction',
    default_pool_size: poolSize,
    max_client_conn: 500,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const database = `* = host=${behind.hostname} port=${behind.port}`;
  await writeFile(file, ['[databases]', database, '[pgbouncer]', ...lines, ''].join('\n'));
  // It refuses to run as root, and then has to read its files as somebody else.
  const asSomebody = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  await Promise.all([chmod(folder, 0o755), chmod(users, 0o644), chmod(file, 0o644)]);
  const child = spawn('pgbouncer', [...asSomebody, file], { stdio: 'ignore' });
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${port}`;
  await eventually(() => canConnect(url.href));
  return {
    url: url.href,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function canConnect(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    return true;
  } finally {
    await client.end();
  }
}
