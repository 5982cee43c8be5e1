import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { createLeftovers } from '../support/leftovers.js';
import { startPlatformProcess } from '../support/platform-process.js';
import { repositoryRoot } from '../support/repository-root.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { ask, startSubgraphs } from './support/gateway-over.js';

const leftovers = createLeftovers();
let folder: string;
let supergraph: string;

beforeAll(async () => {
  const composed = await startSubgraphs({
    greetings: {
      typeDefs: 'type Query { hello: String  self: Query }',
      resolvers: { Query: { hello: () => 'hi', self: () => ({}) } },
    },
  });
  leftovers.defer('subgraphs', composed.close);
  folder = await temporaryFolder('command-line');
  supergraph = await write('supergraph.graphql', composed.supergraphSdl);
});

afterAll(() => leftovers.close());

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

function start(commandLine: readonly string[], environment = {}) {
  const gateway = startPlatformProcess('gateway/dist/main.js', commandLine, { HOST: '127.0.0.1', ...environment });
  leftovers.defer('gateway', () => gateway.end('SIGKILL'));
  return gateway;
}

test('settings come from a file; the environment goes before it, and the command line before both', async () => {
  const port = await freePort();
  const config = await write('gateway.env', `# Ours.\nMAX_DEPTH=2\nMAX_ALIASES=1\nPORT=1\nSUPERGRAPH_PATH=none\n`);
  const commandLine = ['--config', config, '--supergraph', supergraph, '--port', String(port)];
  const gateway = start(commandLine, { MAX_ALIASES: '3' });
  await gateway.written('the gateway takes requests');
  const url = `http://127.0.0.1:${port}/graphql`;
  const codeOf = async (query: string) => (await ask(url, query)).errors?.[0]?.extensions?.['code'];

  expect(await codeOf('{ hello }')).toBeUndefined();
  expect(await codeOf('{ self { self { hello } } }')).toBe('OPERATION_TOO_COMPLEX');
  expect(await codeOf('{ a: hello b: hello c: hello }')).toBeUndefined();
  expect(await codeOf('{ a: hello b: hello c: hello d: hello }')).toBe('OPERATION_TOO_COMPLEX');
});

test('a port that is in use and a host that is elsewhere are told in a line', async () => {
  const port = String(await freePort());
  const first = start(['--supergraph', supergraph, '--port', port]);
  await first.written('the gateway takes requests');
  const second = start(['--supergraph', supergraph, '--port', port]);
  const elsewhere = start(['--supergraph', supergraph, '--port', '0'], { HOST: '192.0.2.1' });

  expect([await second.ended, await elsewhere.ended]).toMatchObject([{ code: 1 }, { code: 1 }]);
  expect(second.output()).toMatch(new RegExp(`^Port ${port} is in use.*\\(PORT\\)\\n$`));
  expect(elsewhere.output()).toBe('192.0.2.1 is no address of this machine (HOST)\n');
});

test('lines of a file of settings that set nothing are named: a file of another format is none', async () => {
  const yaml = start(['--config', await write('gateway.yaml', 'limits:\n  max_depth: 5\n')]);
  const mixed = start(['--config', await write('mixed.env', `# Ours.\nMAX_DEPTH="2\n3"\n\nMAX_ALIASES: 4\n`)]);

  expect([await yaml.ended, await mixed.ended]).toMatchObject([{ code: 78 }, { code: 78 }]);
  expect(yaml.output()).toMatch(/line 1 of \S+gateway\.yaml is no setting[^]*line 2 of/);
  expect(mixed.output()).toMatch(/line 5 of \S+mixed\.env is no setting/);
  expect(mixed.output()).not.toContain('line 3');
});

test('who ends npm ends the gateway that it has started', async () => {
  const port = String(await freePort());
  const npm = spawn('npm', ['run', '--silent', 'gateway', '--', '--supergraph', supergraph, '--port', port], {
    cwd: repositoryRoot,
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1' },
    stdio: 'ignore',
  });
  leftovers.defer('npm', () => void npm.kill('SIGKILL'));
  const isUp = () =>
    fetch(`http://127.0.0.1:${port}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  await eventually(isUp, 60_000);

  npm.kill('SIGTERM');

  await eventually(async () => !(await isUp()), 30_000);
  // It goes once its gateway is gone, not before.
  await eventually(() => npm.exitCode !== null || npm.signalCode !== null, 10_000);
}, 120_000);

test('a file of settings that is not there, and settings that do not exist, are named', async () => {
  const missing = start(['--config', join(folder, 'missing.env')]);
  const misspelt = start(['--config', await write('misspelt.env', 'MAX_DEPHT=2\nPORT=4000\n')]);

  expect([await missing.ended, await misspelt.ended]).toMatchObject([{ code: 78 }, { code: 78 }]);
  expect(missing.output()).toContain('missing.env cannot be read (ENOENT)');
  expect(misspelt.output()).toContain('MAX_DEPHT: no such setting');
  expect(misspelt.output()).not.toContain('PORT: no such setting');
});
