import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/free-port.js';
import { createLeftovers, type Leftovers } from '../../support/leftovers.js';
import { startPlatformProcess } from '../../support/platform-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { ask, startSubgraphs } from '../support/gateway-over.js';

let leftovers: Leftovers;
let gateway: ChildProcessByStdio<null, Readable, null>;
let url: string;
let log: string;

const workerPids = (): number[] => [...log.matchAll(/"workerPid":(\d+)/g)].map(([, pid]) => Number(pid));

const hello = (): Promise<boolean> => ask(url, '{ hello }').then(({ data }) => data?.['hello'] === 'hi');

beforeEach(async () => {
  leftovers = createLeftovers();
  const composed = await startSubgraphs({
    greetings: { typeDefs: 'type Query { hello: String }', resolvers: { Query: { hello: () => 'hi' } } },
  });
  leftovers.defer('subgraphs', composed.close);
  const folder = await mkdtemp(join(tmpdir(), 'workers-'));
  leftovers.defer('folder', () => rm(folder, { recursive: true }));
  const file = join(folder, 'supergraph.graphql');
  await writeFile(file, composed.supergraphSdl);
  const port = await freePort();
  url = `http://127.0.0.1:${port}/graphql`;
  const main = fileURLToPath(new URL('../../../gateway/dist/main.js', import.meta.url));
  gateway = spawn(process.execPath, [main, '--supergraph', file, '--port', String(port), '--workers', '2'], {
    env: { HOST: '127.0.0.1', DRAIN_DELAY_MS: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  leftovers.defer('gateway', () => gateway.kill('SIGKILL'));
  log = '';
  gateway.stdout.on('data', (text: Buffer) => (log += text.toString()));
  await eventually(() => log.split('the gateway takes requests').length > 2, 50_000);
});

afterEach(() => leftovers.close());

test('several workers serve one port, and one that dies is replaced', async () => {
  expect(await hello()).toBe(true);
  const [first] = workerPids();
  expect(workerPids()).toHaveLength(2);

  process.kill(first ?? 0, 'SIGKILL');
  await eventually(() => log.split('the gateway takes requests').length > 3, 50_000);

  expect(workerPids()).toHaveLength(3);
  expect(await hello()).toBe(true);
});

test.each(['SIGTERM', 'SIGINT'] as const)('all of them end when the first process gets %s', async (signal) => {
  const exited = once(gateway, 'exit');

  gateway.kill(signal);

  expect(await exited).toEqual([0, null]);
  for (const pid of workerPids()) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('what no worker can start with ends all of them, with the reasons and as one process would', async () => {
  const folder = await temporaryFolder('broken');
  leftovers.defer('folder', () => rm(folder, { recursive: true }));
  const supergraph = join(folder, 'supergraph.graphql');
  await writeFile(supergraph, 'type Query {');
  const start = (...commandLine: string[]) => {
    const broken = startPlatformProcess('gateway/dist/main.js', [...commandLine, '--workers', '2'], {
      HOST: '127.0.0.1',
      PORT: '0',
    });
    leftovers.defer('broken gateway', () => broken.end('SIGKILL'));
    return broken;
  };

  const unfit = start('--supergraph', supergraph);
  const missing = start('--supergraph', `${supergraph}.gone`);

  expect([await unfit.ended, await missing.ended]).toMatchObject([{ code: 1 }, { code: 78 }]);
  expect(unfit.output()).toContain('Supergraph does not load: Syntax Error');
  expect(missing.output()).toContain('SUPERGRAPH_PATH: the file');
});
