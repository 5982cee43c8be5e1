import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { goSearchPath } from './go-programs.js';
import { describeWithProgram } from './installed.js';

/** A real S3 server of this test alone. */
export interface S3Server {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Ends the process without a word, as a crash does. */
  kill9(): Promise<void>;
  /** Starts it again after a kill, on the same port and folder. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const accessKeyId = 'tessera-test';
const secretAccessKey = 'the-secret-key-of-a-test-server';

/** Starts versitygw over a folder of its own on a free port; resolves when it answers. */
export async function startS3Server(): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-s3-'));
  const [objects, metadata] = [join(folder, 'objects'), join(folder, 'metadata')];
  await Promise.all([mkdir(objects), mkdir(metadata)]);
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const launch = async (): Promise<() => Promise<void>> => {
    const server = spawn(
      'versitygw',
      ['--port', `127.0.0.1:${port}`, '--quiet', '--health', '/health', 'posix', '--sidecar', metadata, objects],
      {
        stdio: 'ignore',
        env: { PATH: goSearchPath(), ROOT_ACCESS_KEY_ID: accessKeyId, ROOT_SECRET_ACCESS_KEY: secretAccessKey },
      },
    );
    const exited = once(server, 'exit');
    const kill = async (): Promise<void> => {
      server.kill('SIGKILL');
      await exited;
    };
    await eventually(async () => (await fetch(`${endpoint}/health`)).ok).catch(async (error: unknown) => {
      await kill();
      throw error;
    });
    return kill;
  };
  let kill9 = await launch();
  return {
    endpoint,
    accessKeyId,
    secretAccessKey,
    kill9: () => kill9(),
    restart: async () => void (kill9 = await launch()),
    stop: async () => {
      await kill9();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Declares a suite that needs a real S3 server. */
export function describeWithS3(name: string, suite: () => void): void {
  process.env['PATH'] = goSearchPath();
  describeWithProgram('versitygw', name, suite);
}
