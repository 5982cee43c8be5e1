import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { createLeftovers } from '../../support/leftovers.js';
import { pour, startRawSubgraph, type Behaviour } from '../support/raw-subgraph.js';
import { startRunningGateway } from '../support/running-gateway.js';

const leftovers = createLeftovers();
const timeoutMs = 400;
const paceMs = 10;

afterEach(() => leftovers.close());

/** A gateway whose subgraph `people` behaves so; `alerts` is well. */
async function aGateway(behaviour: Behaviour) {
  const people = await startRawSubgraph(behaviour);
  leftovers.defer('people', () => people.close());
  const running = await startRunningGateway({
    environment: {
      SUBGRAPH_TIMEOUTS_MS: `people=${timeoutMs}`,
      MAX_SUBGRAPH_RESPONSE_BYTES: '1000000',
      DEDUPLICATE_IN_FLIGHT: 'false',
    },
    subgraphUrls: new Map([['people', [people.url]]]),
  });
  leftovers.defer('gateway', () => running.close());
  const timed = async (query: string) => {
    const startedAtMs = performance.now();
    const { body } = await running.post({ query });
    return { body, durationMs: performance.now() - startedAtMs };
  };
  /** Eight clients ask both subgraphs while others, at a pace, ask the healthy one alone. */
  const load = async () => {
    let isOver = false;
    const asking = Promise.all(
      Array.from({ length: 8 }, async () => {
        const answers = [];
        for (; !isOver || answers.length < 10; await pause(paceMs)) answers.push(await timed('{ whoAmI openAlerts }'));
        return answers;
      }),
    );
    const bystandersMs: number[] = [];
    for (; bystandersMs.length < 100; await pause(paceMs)) {
      const answers = await Promise.all([timed('{ openAlerts }'), timed('{ openAlerts }')]);
      bystandersMs.push(...answers.map(({ durationMs }) => durationMs));
    }
    isOver = true;
    const medianMs = bystandersMs.sort((one, other) => one - other)[bystandersMs.length / 2] ?? 0;
    return { answers: (await asking).flat(), medianMs };
  };
  return { running, people, timed, load };
}

const half: Behaviour = (response) => {
  response.writeHead(200, { 'content-length': '1000' }).write('{"data":{"whoAmI":"me"');
  setImmediate(() => response.destroy());
};

const drip: Behaviour = (response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write(' '), 10);
  response.once('close', () => clearInterval(timer));
};

const faults: readonly (readonly [string, string, Behaviour])[] = [
  ['hangs', 'SUBGRAPH_TIMEOUT', () => undefined],
  ['drips', 'SUBGRAPH_TIMEOUT', drip],
  ['resets its connections', 'SUBGRAPH_UNAVAILABLE', (response) => response.destroy()],
  ['gives half an answer', 'SUBGRAPH_UNAVAILABLE', half],
  ['speaks no HTTP', 'SUBGRAPH_UNAVAILABLE', (response) => response.socket?.end('\0\x01garbage\r\n\r\n')],
  ['answers with 500', 'SUBGRAPH_UNAVAILABLE', (response) => response.writeHead(500).end('at secret.ts:1')],
  ['answers with 503', 'SUBGRAPH_UNAVAILABLE', (response) => response.writeHead(503).end('secret')],
  ['answers with no JSON', 'SUBGRAPH_UNAVAILABLE', (response) => response.end('{"data":')],
  ['answers with other JSON', 'SUBGRAPH_UNAVAILABLE', (response) => response.end('{"data":[1]}')],
  ['answers with 100 MB', 'SUBGRAPH_UNAVAILABLE', (response) => pour(response, 100)],
  [
    'compresses badly',
    'SUBGRAPH_UNAVAILABLE',
    (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('secret'),
  ],
];

test.each(faults)('a subgraph that %s costs its fields, in time, and nobody else anything', async (...fault) => {
  const [, code, behaviour] = fault;
  const { people, load } = await aGateway((response) => response.end('{"data":{"whoAmI":"me"}}'));
  const before = await load();
  const askedBefore = people.requests.length;

  people.behave(behaviour);
  const { answers, medianMs } = await load();

  for (const { body, durationMs } of answers) {
    expect(body.data).toEqual({ whoAmI: null, openAlerts: 3 });
    expect(body.errors).toEqual([expect.objectContaining({ path: ['whoAmI'] })]);
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(durationMs).toBeLessThan(timeoutMs * 3);
  }
  expect(answers[0]?.body.errors?.[0]?.extensions).toMatchObject({ code });
  // Rarer delays are those of a machine that is busy with other tests.
  expect(medianMs).toBeLessThan(Math.max(before.medianMs * 2, 50));
  expect(people.requests.length - askedBefore).toBeLessThanOrEqual(answers.length * 1.2);
});

test('a subgraph that is dead costs its fields alone', async () => {
  const { people, timed } = await aGateway(() => undefined);
  await people.close();

  for (let time = 0; time < 30; time += 1) {
    const { body, durationMs } = await timed('{ whoAmI openAlerts }');
    expect(body.data).toEqual({ whoAmI: null, openAlerts: 3 });
    expect(body.errors).toEqual([
      expect.objectContaining({ path: ['whoAmI'], message: 'Subgraph "people" is not available' }),
    ]);
    expect(durationMs).toBeLessThan(timeoutMs);
  }
});

test('an open circuit shows in the metrics and makes the gateway degraded, but not unready', async () => {
  const { running, people, timed } = await aGateway((response) => response.writeHead(500).end());
  for (let time = 0; time < 12; time += 1) await timed('{ whoAmI }');

  const ready = await fetch(`${running.origin}/ready`);
  const metrics = await running.metrics();

  expect(ready.status).toBe(200);
  expect(await ready.json()).toMatchObject({ status: 'degraded', checks: { people: 'down', alerts: 'up' } });
  expect(metrics).toMatch(/graphql_subgraph_circuit_state\{subgraph="people",service="gateway"\} 2/);
  expect(metrics).toMatch(/graphql_subgraph_requests_total\{subgraph="people",outcome="refused".*\} 2/);

  people.behave((response) => response.end('{"data":{"whoAmI":"me"}}'));
  await eventually(async () => (await timed('{ whoAmI }')).body.data?.['whoAmI'] === 'me');
  expect(await running.metrics()).toMatch(/graphql_subgraph_circuit_state\{subgraph="people",service="gateway"\} 0/);
});

test('a request has one deadline, whatever its subgraphs may take', async () => {
  const people = await startRawSubgraph(() => undefined);
  leftovers.defer('people', () => people.close());
  const running = await startRunningGateway({
    environment: { REQUEST_TIMEOUT_MS: '300', SUBGRAPH_TIMEOUT_MS: '60000', SUBGRAPH_TIMEOUTS_MS: 'people=50000' },
    subgraphUrls: new Map([['people', [people.url]]]),
  });
  leftovers.defer('gateway', () => running.close());
  const startedAtMs = performance.now();

  const { body } = await running.post({ query: '{ whoAmI openAlerts }' });

  expect(performance.now() - startedAtMs).toBeLessThan(1_000);
  expect(body.data).toEqual({ whoAmI: null, openAlerts: 3 });
  await people.untilAbandoned(1);
});
