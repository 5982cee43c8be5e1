import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import {
  startPlatformProcess,
  type PlatformProcess,
  type ProcessEnd,
  type ProcessEnvironment,
} from './platform-process.js';
import { freePortRange } from './port-range.js';
import { temporaryFolder } from './temporary-folder.js';

export const localModeScript = 'infra/local/dist/main.js';

/** What `npm start` runs, as a process of its own. */
export interface LocalMode {
  readonly port: number;
  /** `http://<host>:<port>` */
  readonly origin: string;
  readonly dataDirectory: string;
  readonly pid: number;
  /** Everything that it wrote since its last start. */
  output(): string;
  /** Stops it as Ctrl-C does. */
  stop(): Promise<ProcessEnd>;
  /** Ends it without a word; its PostgreSQL goes on, as it does when the machine's owner kills the one process. */
  kill9(): Promise<ProcessEnd>;
  /** Starts it again on the same ports and data. */
  restart(): Promise<void>;
  /** Ends it and its PostgreSQL, whatever state they are in, and removes the data. */
  remove(): Promise<void>;
}

export interface LocalModeOptions {
  readonly withDemo?: boolean;
  /** Default `localhost`. */
  readonly host?: string;
  readonly environment?: ProcessEnvironment;
}

/** Starts the whole platform as `npm start` does, on free ports and an empty data folder; resolves at its banner. */
export async function startLocalMode({
  withDemo = false,
  host = 'localhost',
  environment = {},
}: LocalModeOptions = {}): Promise<LocalMode> {
  const port = await freePortRange(6);
  const dataDirectory = await temporaryFolder('local');
  const commandLine = ['--port', String(port), '--host', host, '--data-dir', dataDirectory];
  if (!withDemo) commandLine.push('--no-demo');
  const launch = async (): Promise<PlatformProcess> => {
    const started = startPlatformProcess(localModeScript, commandLine, environment);
    // On a busy machine PostgreSQL and six services take more than a minute.
    await started.written('Tessera is ready', 150_000).catch(async (error: unknown) => {
      await end(started);
      throw error;
    });
    return started;
  };
  const end = async (started: PlatformProcess): Promise<void> => {
    await started.end('SIGKILL');
    await endPostgres(join(dataDirectory, 'postgres'));
    await rm(dataDirectory, { recursive: true, force: true });
  };
  let current = await launch();

  return {
    port,
    origin: `http://${host}:${port}`,
    dataDirectory,
    get pid() {
      return current.pid;
    },
    output: () => current.output(),
    stop: () => current.end('SIGINT'),
    kill9: () => current.end('SIGKILL'),
    async restart() {
      current = await launch();
    },
    remove: () => end(current),
  };
}

/** The process id of the PostgreSQL that has a folder, undefined where none runs. */
export async function postgresPid(folder: string): Promise<number | undefined> {
  const text = await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  return pid > 0 && isAlive(pid) ? pid : undefined;
}

async function endPostgres(folder: string): Promise<void> {
  const pid = await postgresPid(folder);
  if (pid === undefined) return;
  // At once: its data goes away, and writing all of it down once more takes a busy disk longer than anybody waits.
  process.kill(pid, 'SIGQUIT');
  await eventually(() => !isAlive(pid), 60_000);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
