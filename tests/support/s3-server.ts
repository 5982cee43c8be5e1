import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { describeWithProgram } from './installed.js';

/** A real S3 server of this test alone. */
export interface S3Server {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
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
  const server = spawn(
    'versitygw',
    ['--port', `127.0.0.1:${port}`, '--quiet', '--health', '/health', 'posix', '--sidecar', metadata, objects],
    {
      stdio: 'ignore',
      env: { PATH: searchPath(), ROOT_ACCESS_KEY_ID: accessKeyId, ROOT_SECRET_ACCESS_KEY: secretAccessKey },
    },
  );
  const exited = once(server, 'exit');
  const stop = async (): Promise<void> => {
    server.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await eventually(async () => (await fetch(`${endpoint}/health`)).ok);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, accessKeyId, secretAccessKey, stop };
}

/** Declares a suite that needs a real S3 server. */
export function describeWithS3(name: string, suite: () => void): void {
  process.env['PATH'] = searchPath();
  describeWithProgram('versitygw', name, suite);
}

/** The PATH and the folder where `go install` puts programs. */
function searchPath(): string {
  const goPath = process.env['GOPATH'] ?? join(homedir(), 'go');
  return [process.env['PATH'] ?? '', join(goPath, 'bin')].join(delimiter);
}
