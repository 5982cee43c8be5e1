import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createResilientClient } from '@tessera/gateway/registry/resilient-client';
import { eventually } from '../../support/eventually.js';
import { createLeftovers } from '../../support/leftovers.js';
import { ask, askMany } from '../support/calls.js';
import { answerOk, startRawSubgraph, type RawSubgraph } from '../support/raw-subgraph.js';

const leftovers = createLeftovers();
let subgraph: RawSubgraph;
let states: string[];

beforeEach(async () => {
  states = [];
  subgraph = await startRawSubgraph((response) => response.writeHead(500).end('<h1>Oops</h1>'));
  leftovers.defer('subgraph', () => subgraph.close());
});

afterEach(() => leftovers.close());

function aClient(timeoutMs = 5_000) {
  const observer = { circuit: (_subgraph: string, state: string) => states.push(state) };
  const client = createResilientClient({ urls: new Map([['one', [subgraph.url]]]), timeoutMs, observer });
  leftovers.defer('client', () => client.close());
  return client;
}

test('a subgraph that only fails is not asked any more, and refusing costs next to nothing', async () => {
  const client = aClient();

  await askMany(client, 10);
  const startedAtMs = performance.now();
  const outcomes = await askMany(client, 1_000);

  expect((performance.now() - startedAtMs) / 1_000).toBeLessThan(1);
  expect(new Set(outcomes)).toEqual(new Set(['SUBGRAPH_UNAVAILABLE']));
  expect(subgraph.requests).toHaveLength(10);
  expect(states).toEqual(['open']);
});

test('after a while one request tries; when it is answered, all are sent again', async () => {
  const client = aClient();
  await askMany(client, 10);
  subgraph.behave(answerOk);

  await eventually(async () => (await askMany(client, 50)).includes('ok'));
  const [tried, ...others] = subgraph.requests.slice(10);

  expect(tried).toBeDefined();
  expect(others).toEqual([]);
  expect(await askMany(client, 50)).toEqual(Array.from({ length: 50 }, () => 'ok'));
  expect(states).toEqual(['open', 'half-open', 'closed']);
});

test('a try that fails opens the circuit again', async () => {
  const client = aClient();
  await askMany(client, 10);

  await eventually(async () => {
    await askMany(client, 50);
    return states.length === 3;
  });

  expect(states).toEqual(['open', 'half-open', 'open']);
  expect(subgraph.requests).toHaveLength(11);
});

test('a subgraph that hangs costs its timeout only until the circuit opens', async () => {
  subgraph.behave(() => undefined);
  const client = aClient(200);

  expect(new Set(await askMany(client, 10))).toEqual(new Set(['SUBGRAPH_TIMEOUT']));
  const startedAtMs = performance.now();
  await askMany(client, 100);

  expect(performance.now() - startedAtMs).toBeLessThan(100);
});

test.each([
  [401, 'UNAUTHENTICATED'],
  [403, 'FORBIDDEN'],
  [400, 'SUBGRAPH_UNAVAILABLE'],
])('requests that are refused with %i keep nobody else from the subgraph', async (status, code) => {
  subgraph.behave((response) => response.writeHead(status).end('No'));
  const client = aClient();

  expect(new Set(await askMany(client, 40))).toEqual(new Set([code]));

  subgraph.behave(answerOk);
  expect((await ask(client)).data).toEqual({ ok: true });
  expect(states).toEqual([]);
});

test('errors in answers, clients that leave at once and what cannot be sent say nothing about health', async () => {
  subgraph.behave((response) => response.end('{"errors":[{"message":"No"}]}'));
  const client = aClient();
  await askMany(client, 20);
  subgraph.behave(() => undefined);
  const leaving = new AbortController();
  const left = askMany(client, 20, { signal: leaving.signal });
  await subgraph.untilRequests(40);
  leaving.abort(new Error('Gone'));
  await left;
  const unfit = { forwardedHeaders: { authorization: 'a\r\nb: c' } };
  await askMany(client, 20, unfit);

  subgraph.behave(answerOk);

  expect((await ask(client)).data).toEqual({ ok: true });
  expect(states).toEqual([]);
});
