import { afterEach, expect, test } from '@jest/globals';
import { createResilientClient } from '@tessera/gateway/registry/resilient-client';
import { eventually } from '../../support/eventually.js';
import { createLeftovers } from '../../support/leftovers.js';
import { askMany } from '../support/calls.js';
import { answerOk, startRawSubgraph, type Behaviour, type RawSubgraph } from '../support/raw-subgraph.js';

const leftovers = createLeftovers();

afterEach(() => leftovers.close());

async function setUp(...behaviours: Behaviour[]) {
  const instances: RawSubgraph[] = [];
  for (const behaviour of behaviours) {
    const instance = await startRawSubgraph(behaviour);
    leftovers.defer('instance', () => instance.close());
    instances.push(instance);
  }
  const out: number[] = [];
  const client = createResilientClient({
    urls: new Map([['one', instances.map(({ url }) => url)]]),
    // Ten times what is needed: on a busy machine whoever answers must not be taken for one that hangs.
    timeoutMs: 3_000,
    observer: { instancesOut: (_subgraph, count) => out.push(count) },
  });
  leftovers.defer('client', () => client.close());
  return { client, instances, out, counts: () => instances.map(({ requests }) => requests.length) };
}

/** So often at most somebody who is put out was tried again since: a second behind its failing, and each time later. */
function triesSince(startedAtMs: number): number {
  return Math.floor((performance.now() - startedAtMs) / 1_000);
}

const broken: Behaviour = (response) => response.writeHead(500).end('<h1>Oops</h1>');
const slow: Behaviour = (response) => void setTimeout(answerOk, 100, response);

test('a slow instance gets less, for it has more under way', async () => {
  const { client, counts } = await setUp(answerOk, answerOk, slow);

  for (let round = 0; round < 50; round += 1) await askMany(client, 4);

  const [first = 0, second = 0, third = 0] = counts();
  expect(first + second).toBeGreaterThan(third);
  expect(Math.abs(first - second)).toBeLessThan(50);
});

test('an instance that fails three times in a row is put out, and comes back when it has recovered', async () => {
  const { client, instances, out, counts } = await setUp(broken, answerOk);
  const startedAtMs = performance.now();

  for (let time = 0; time < 50; time += 1) await askMany(client, 1);
  expect(counts()[0]).toBeGreaterThanOrEqual(3);
  expect(counts()[0]).toBeLessThanOrEqual(3 + triesSince(startedAtMs));
  expect(out).toEqual([1]);

  instances[0]?.behave(answerOk);
  await eventually(async () => {
    await askMany(client, 1);
    return out.length === 2;
  });
  const [before = 0] = counts();
  for (let time = 0; time < 20; time += 1) await askMany(client, 1);
  expect(counts()[0]).toBe(before + 10);
  expect(out).toEqual([1, 0]);
});

test('an instance that hangs is put out by its timeouts', async () => {
  const { client, counts } = await setUp(() => undefined, answerOk);

  for (let round = 0; round < 4; round += 1) await askMany(client, 8);
  const [before = 0] = counts();
  const outcomes = await askMany(client, 20);

  // Where all this takes longer than it is out, one request at most tries it again.
  expect(outcomes.filter((outcome) => outcome !== 'ok').length).toBeLessThanOrEqual(1);
  expect(counts()[0]).toBeLessThanOrEqual(before + 1);
});

test('where half of the instances are broken, the others go on and the circuit stays closed', async () => {
  const { client, out } = await setUp(broken, broken, answerOk, answerOk);
  const startedAtMs = performance.now();

  for (let time = 0; time < 40; time += 1) await askMany(client, 1);
  const outcomes = await askMany(client, 20);

  expect(out).toEqual([1, 2]);
  const failed = outcomes.filter((outcome) => outcome !== 'ok');
  expect(failed.length).toBeLessThanOrEqual(Math.min(2, 2 * triesSince(startedAtMs)));
});

test('an instance that nobody listens at is put out at once, and nobody notices', async () => {
  const { client, instances, out } = await setUp(answerOk, answerOk);
  await instances[0]?.close();

  const outcomes = [];
  for (let time = 0; time < 20; time += 1) outcomes.push(...(await askMany(client, 1)));

  expect(new Set(outcomes)).toEqual(new Set(['ok']));
  expect(out).toEqual([1]);
});
