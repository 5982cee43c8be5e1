import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Agent } from 'undici';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/free-port.js';
import { createLeftovers, type Leftovers } from '../../support/leftovers.js';
import { readMainThread } from '../../load/gateway/thread-usage.js';
import { compose } from '../support/federation.js';
import { ask, startSubgraphs, type ComposedSubgraphs } from '../support/gateway-over.js';

const versions = [1, 2, 3, 4, 5, 6];

const leftTypes = (newest: number): string => `
  type Query { thing: Thing ${versions
    .filter((version) => version <= newest)
    .map((version) => `version${version}: Int`)
    .join(' ')} }
  type Thing @key(fields: "id") { id: ID!  name: String }`;

const rightTypes = 'type Thing @key(fields: "id") { id: ID!  weight: Int }';

const definitions = {
  left: {
    typeDefs: leftTypes(6),
    resolvers: {
      Query: {
        thing: () => ({ id: '1', name: 'Table' }),
        ...Object.fromEntries(versions.map((version) => [`version${version}`, () => version])),
      },
    },
  },
  right: { typeDefs: rightTypes, resolvers: { Thing: { weight: () => 7 } } },
};

const query = '{ thing { name weight } }';
const answer = { data: { thing: { name: 'Table', weight: 7 } } };

/** The gateway as anybody starts it: a process of its own that is given a file and a port. */
describe('a gateway that watches the file of its supergraph', () => {
  let leftovers: Leftovers;
  let composed: ComposedSubgraphs;
  let file: string;
  let url: string;
  let agent: Agent;
  let log: string;
  let pid: number;

  const supergraph = (version: number): string =>
    compose({
      left: { typeDefs: leftTypes(version), url: composed.subgraphs.get('left')?.url ?? '' },
      right: { typeDefs: rightTypes, url: composed.subgraphs.get('right')?.url ?? '' },
    });

  /** As careful writers do it: the file is there whole, or not yet. */
  const publish = async (text: string): Promise<void> => {
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  };

  const serves = (version: number): Promise<void> =>
    eventually(async () => (await ask(url, `{ version${version} }`, agent)).data?.[`version${version}`] === version);

  /** Processor time of the gateway's event loop; nothing where the system does not tell. */
  const loopMs = async (): Promise<number> => (process.platform === 'linux' ? (await readMainThread(pid)).runMs : 0);

  beforeEach(async () => {
    leftovers = createLeftovers();
    composed = await startSubgraphs(definitions);
    leftovers.defer('subgraphs', composed.close);
    const folder = await mkdtemp(join(tmpdir(), 'supergraph-'));
    leftovers.defer('folder', () => rm(folder, { recursive: true }));
    file = join(folder, 'supergraph.graphql');
    await publish(supergraph(1));
    const port = await freePort();
    url = `http://127.0.0.1:${port}/graphql`;
    agent = new Agent({ connections: 10 });
    leftovers.defer('connections', () => agent.close());

    const main = fileURLToPath(new URL('../../../gateway/dist/main.js', import.meta.url));
    const gateway = spawn(process.execPath, [main, '--supergraph', file, '--port', String(port)], {
      env: { HOST: '127.0.0.1', DRAIN_DELAY_MS: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    log = '';
    gateway.stdout.on('data', (text: Buffer) => (log += text.toString()));
    pid = gateway.pid ?? 0;
    leftovers.defer('gateway', async () => {
      const exited = once(gateway, 'exit');
      gateway.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
    });
    await eventually(async () => (await ask(url, query, agent)).data != null);
  });

  afterEach(() => leftovers.close());

  test('changes supergraphs five times under load without failing a request', async () => {
    const failures: unknown[] = [];
    let answered = 0;
    let isOver = false;
    const client = async (): Promise<void> => {
      while (!isOver) {
        const received = await ask(url, query, agent).catch((error: unknown) => ({ error }));
        if (JSON.stringify(received) !== JSON.stringify(answer)) failures.push(received);
        answered += 1;
      }
    };
    const clients = Array.from({ length: 8 }, client);
    await eventually(() => answered >= 1_000);
    const [warmMs, warmAnswered] = [await loopMs(), answered];
    await eventually(() => answered >= warmAnswered + 1_000);
    const [usualMs, usualAnswered] = [await loopMs(), answered];

    for (const version of [2, 3, 4, 5, 6]) {
      await publish(supergraph(version));
      await serves(version);
    }
    const [endMs, endAnswered] = [await loopMs(), answered];
    isOver = true;
    await Promise.all(clients);

    expect(failures).toEqual([]);
    // Five supergraphs are loaded, and nothing is planned on requests' time.
    const usualPerRequest = (usualMs - warmMs) / (usualAnswered - warmAnswered);
    expect(endMs - usualMs).toBeLessThan(2 * usualPerRequest * (endAnswered - usualAnswered) + 5 * 150);
  }, 60_000);

  test('refuses what does not load, says why, and goes on with what it has', async () => {
    await publish('type Query {');
    await eventually(() => log.includes('Supergraph does not load: Syntax Error'));
    expect(await ask(url, query, agent)).toEqual(answer);
    const readiness = await fetch(new URL('/ready', url));
    expect(await readiness.json()).toMatchObject({ checks: { supergraph: 'down' } });

    await publish(supergraph(2));
    await serves(2);
    expect(await (await fetch(new URL('/ready', url))).json()).toMatchObject({ checks: { supergraph: 'up' } });
  });
});
