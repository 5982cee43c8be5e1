import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createResilientClient } from '@tessera/gateway/registry/resilient-client';
import { createLeftovers } from '../../support/leftovers.js';
import { ask, askMany } from '../support/calls.js';
import { answerJson, answerOk, startRawSubgraph, type Behaviour, type RawSubgraph } from '../support/raw-subgraph.js';

const leftovers = createLeftovers();
let subgraph: RawSubgraph;

beforeEach(async () => {
  subgraph = await startRawSubgraph();
  leftovers.defer('subgraph', () => subgraph.close());
});

afterEach(() => leftovers.close());

function aClient(urls: readonly string[] = [subgraph.url], timeoutMs = 5_000) {
  const client = createResilientClient({ urls: new Map([['one', urls]]), timeoutMs });
  leftovers.defer('client', () => client.close());
  return client;
}

const firstFails =
  (fail: Behaviour): Behaviour =>
  (response, request) =>
    request.number === 1 ? fail(response, request) : answerOk(response);

const failures: readonly (readonly [string, Behaviour])[] = [
  ['loses its connection', (response) => response.destroy()],
  [
    'gets half an answer',
    (response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"data":');
      setImmediate(() => response.destroy());
    },
  ],
  ['is turned away with 503', (response) => answerJson(response, { errors: [{ message: 'Busy' }] }, 503)],
  ['is turned away with 502', (response) => response.writeHead(502).end('<h1>Bad gateway</h1>')],
];

test.each(failures)('a query that %s is sent once more', async (_name, fail) => {
  subgraph.behave(firstFails(fail));

  expect((await ask(aClient())).data).toEqual({ ok: true });
  expect(subgraph.requests).toHaveLength(2);
});

test.each(failures)('a mutation that %s is not sent again', async (_name, fail) => {
  subgraph.behave(firstFails(fail));

  await ask(aClient(), { kind: 'mutation' }).catch(() => undefined);

  expect(subgraph.requests).toHaveLength(1);
});

test.each([
  ['500', (response) => response.writeHead(500).end('<h1>Oops</h1>')],
  ['504', (response) => response.writeHead(504).end('')],
  ['no JSON', (response) => response.end('{"data"')],
] satisfies [string, Behaviour][])('a query that is answered with %s is not sent again', async (_name, fail) => {
  subgraph.behave(fail);

  await expect(ask(aClient())).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' });
  expect(subgraph.requests).toHaveLength(1);
});

test('a mutation that reached nobody goes to another instance', async () => {
  const dead = await startRawSubgraph();
  await dead.close();
  const client = aClient([dead.url, subgraph.url]);

  for (let time = 0; time < 4; time += 1) await ask(client, { kind: 'mutation' });

  expect(subgraph.requests).toHaveLength(4);
});

test('a second try waits as long as the subgraph has asked for', async () => {
  subgraph.behave(firstFails((response) => answerJson(response, {}, 503, { 'retry-after': '1' })));
  const startedAtMs = performance.now();

  expect((await ask(aClient())).data).toEqual({ ok: true });
  expect(performance.now() - startedAtMs).toBeGreaterThan(990);
});

test('there is no second try where the subgraph asks for more patience than a client has', async () => {
  subgraph.behave((response) =>
    answerJson(response, { errors: [{ message: 'Busy', extensions: { code: 'OVERLOADED' } }] }, 503, {
      'retry-after': '60',
    }),
  );

  const answer = await ask(aClient());

  expect(answer.errors).toEqual([expect.objectContaining({ message: 'Busy' })]);
  expect(subgraph.requests).toHaveLength(1);
});

test('an instance that asks for patience is left alone while there is another', async () => {
  const busy = await startRawSubgraph((response) => answerJson(response, {}, 503, { 'retry-after': '60' }));
  leftovers.defer('busy', () => busy.close());

  const outcomes = [];
  const client = aClient([busy.url, subgraph.url]);
  for (let time = 0; time < 20; time += 1) outcomes.push(...(await askMany(client, 1)));

  expect(new Set(outcomes)).toEqual(new Set(['ok']));
  expect(busy.requests).toHaveLength(1);
});

test('retries add at most a fifth to what a failing subgraph is asked', async () => {
  const failing = (number: number): boolean => number % 5 < 2;
  subgraph.behave((response, { number }) => (failing(number) ? response.destroy() : answerOk(response)));
  const client = aClient();

  for (let round = 0; round < 25; round += 1) await askMany(client, 20);

  expect(subgraph.requests.length).toBeGreaterThan(550);
  expect(subgraph.requests.length).toBeLessThanOrEqual(600);
});
