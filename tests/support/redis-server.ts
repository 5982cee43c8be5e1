import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.js';
import { describeWithProgram } from './installed.js';

/** A real Redis of this test alone. */
export interface RedisServer {
  readonly port: number;
  /** `redis://127.0.0.1:<port>` */
  readonly url: string;
  /** Ends the process without a word, as a crash does. */
  kill9(): Promise<void>;
  /** Starts it again after a kill, on the same port and data folder. */
  restart(): Promise<void>;
  /** Stops the process from answering while its sockets stay open. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

export interface RedisServerOptions {
  /** Keeps an append-only file, so that a killed server comes back with its data. */
  readonly persistent?: boolean;
  /** Further lines of its configuration file. */
  readonly configuration?: readonly string[];
  readonly sentinel?: boolean;
}

/** Starts `redis-server` on a free port in a folder of its own; resolves when it takes connections. */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { persistent = false, configuration = [], sentinel = false } = options;
  const folder = await mkdtemp(join(tmpdir(), 'tessera-redis-'));
  const port = await freePort();
  const file = join(folder, 'redis.conf');
  const data = sentinel ? [] : ['save ""', `appendonly ${persistent ? 'yes' : 'no'}`, 'appendfsync always'];
  await writeFile(file, [`port ${port}`, 'bind 127.0.0.1', `dir ${folder}`, ...data, ...configuration].join('\n'));
  let child = await launch(file, sentinel);

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };

  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    kill9: () => end('SIGKILL'),
    async restart() {
      await end('SIGKILL');
      child = await launch(file, sentinel);
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async stop() {
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function launch(file: string, sentinel: boolean): Promise<ChildProcess> {
  const child = spawn('redis-server', [file, ...(sentinel ? ['--sentinel'] : [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (/Ready to accept connections|Sentinel ID is/.test(line)) {
      // Whoever stops reading here must keep the pipe flowing, or a talkative server blocks on it.
      child.stdout.resume();
      return child;
    }
  }
  throw new Error(`redis-server did not start:\n${lines.join('\n')}`);
}

/** Declares a suite that needs a real Redis. */
export function describeWithRedis(name: string, suite: () => void): void {
  describeWithProgram('redis-server', name, suite);
}
