import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createResilientClient, type ResilientClientOptions } from '@tessera/gateway/registry/resilient-client';
import { AppError } from '@tessera/service/errors';
import { createLeftovers } from '../../support/leftovers.js';
import { ask } from '../support/calls.js';
import { answerJson, startRawSubgraph, type RawSubgraph } from '../support/raw-subgraph.js';

const leftovers = createLeftovers();
let subgraph: RawSubgraph;
/** Answers what waits, with a number that is another for every request. */
let release: () => void;

beforeEach(async () => {
  const waiting: (() => void)[] = [];
  release = () => waiting.splice(0).forEach((answer) => answer());
  subgraph = await startRawSubgraph((response, { number }) => {
    waiting.push(() => answerJson(response, { data: { nested: { number } } }));
  });
  leftovers.defer('subgraph', () => subgraph.close());
});

afterEach(() => leftovers.close());

function aClient(options: Partial<ResilientClientOptions> = {}) {
  const client = createResilientClient({ urls: new Map([['one', [subgraph.url]]]), timeoutMs: 5_000, ...options });
  leftovers.defer('client', () => client.close());
  return client;
}

async function answersOf(client: ReturnType<typeof aClient>, requests: number, ...asks: Parameters<typeof ask>[1][]) {
  const answers = asks.map((options) => ask(client, options));
  await subgraph.untilRequests(requests);
  release();
  return Promise.all(answers);
}

test('a thousand equal queries of one caller are one request', async () => {
  const answers = await answersOf(aClient(), 1, ...Array.from({ length: 1_000 }, () => ({ encodedPrincipal: 'a' })));

  expect(subgraph.requests).toHaveLength(1);
  expect(answers.at(-1)?.data).toEqual({ nested: { number: 1 } });
});

test('each gets a tree of their own, for they are filled in apart', async () => {
  const [first, second] = await answersOf(aClient(), 1, {}, {});

  expect(second?.data).toEqual(first?.data);
  expect(second?.data?.['nested']).not.toBe(first?.data?.['nested']);
});

test.each([
  ['principals', { encodedPrincipal: 'a' }, { encodedPrincipal: 'b' }],
  ['forwarded headers', { forwardedHeaders: { authorization: 'a' } }, { forwardedHeaders: { authorization: 'b' } }],
  ['sets of forwarded headers', { forwardedHeaders: { a: 'x' } }, { forwardedHeaders: { a: 'x', b: 'y' } }],
  [
    'headers that look alike when they are joined',
    { forwardedHeaders: { a: 'x\nb:y' } },
    { forwardedHeaders: { a: 'x', b: 'y' } },
  ],
  ['variables', { variables: '{"a":1}' }, { variables: '{"a":2}' }],
])('queries with different %s never share an answer', async (_name, one, other) => {
  const client = aClient();
  // What cannot be sent fails by itself, and is not answered with what another has fetched.
  const outcomes = [one, other].map((options) => ask(client, options).then(({ data }) => data, String));
  await subgraph.untilRequests(1);
  const isSendable = !JSON.stringify(one).includes('\\n');
  if (isSendable) await subgraph.untilRequests(2);
  release();

  const [first, second] = await Promise.all(outcomes);

  expect(first).not.toEqual(second);
});

test('mutations are never shared', async () => {
  await answersOf(aClient(), 2, { kind: 'mutation' }, { kind: 'mutation' });

  expect(subgraph.requests).toHaveLength(2);
});

test('after a mutation its caller does not join a query that began before', async () => {
  const client = aClient();
  const before = ask(client);
  await subgraph.untilRequests(1);
  const mutation = ask(client, { kind: 'mutation' });
  await subgraph.untilRequests(2);
  subgraph.behave((response, { number }) => answerJson(response, { data: { nested: { number } } }));
  const others = ask(client, { encodedPrincipal: 'other' });
  expect((await others).data).toEqual({ nested: { number: 3 } });

  release();
  await mutation;
  const after = await ask(client);

  expect(after.data).not.toEqual((await before).data);
});

test('who leaves does not take the answer from the others', async () => {
  const client = aClient();
  const [first, second] = [new AbortController(), new AbortController()];
  const left = ask(client, { signal: first.signal });
  const leftToo = ask(client, { signal: second.signal });
  const stays = ask(client);
  await subgraph.untilRequests(1);

  first.abort(new AppError('PRECONDITION_FAILED', 'Gone'));
  second.abort(new AppError('PRECONDITION_FAILED', 'Gone'));
  await expect(left).rejects.toMatchObject({ message: 'Gone' });
  await expect(leftToo).rejects.toMatchObject({ message: 'Gone' });
  release();

  expect((await stays).data).toEqual({ nested: { number: 1 } });
  expect(subgraph.requests).toHaveLength(1);
});

test('when the last has left the request is given up, and who comes then gets one of their own', async () => {
  const client = aClient();
  const gone = new AbortController();
  const left = [ask(client, { signal: gone.signal }), ask(client, { signal: gone.signal })];
  await subgraph.untilRequests(1);

  gone.abort(new AppError('PRECONDITION_FAILED', 'Gone'));
  const next = ask(client);

  await expect(Promise.all(left)).rejects.toMatchObject({ message: 'Gone' });
  await subgraph.untilAbandoned(1);
  await subgraph.untilRequests(2);
  release();
  expect((await next).data).toEqual({ nested: { number: 2 } });
});

test('where it is switched off every query is a request', async () => {
  await answersOf(aClient({ deduplicatesInFlight: false }), 2, {}, {});

  expect(subgraph.requests).toHaveLength(2);
});

test('who waits with others is told how it failed as they are', async () => {
  const client = aClient();
  subgraph.behave((response) => response.end('<html>'));

  const outcomes = await Promise.allSettled([ask(client), ask(client), ask(client)]);

  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(subgraph.requests).toHaveLength(1);
});
