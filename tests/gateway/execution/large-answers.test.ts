import type { ServerResponse } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { createLeftovers } from '../../support/leftovers.js';
import { ask, startGatewayOver } from '../support/gateway-over.js';
import { startRawSubgraph, type Behaviour } from '../support/raw-subgraph.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

const count = 50_000;

/** Answers with the number that was asked for, over and over, a little at a time and without saying how much it will be. */
const repeatSlowly: Behaviour = (response, { body }) => {
  const number = /1\d{5}/.exec(body)?.[0] ?? '';
  trickle(
    response,
    Buffer.from(JSON.stringify({ data: { numbers: Array.from({ length: count }, () => Number(number)) } })),
  );
};

function trickle(response: ServerResponse, body: Buffer, start = 0): void {
  if (start === 0) response.writeHead(200, { 'content-type': 'application/json' });
  if (start >= body.length) response.end();
  else
    response.write(body.subarray(start, start + 20_000), () =>
      setImmediate(() => trickle(response, body, start + 20_000)),
    );
}

test('of many large answers that come slowly at once each caller has their own, and others are answered beside them', async () => {
  const subgraph = await startRawSubgraph(repeatSlowly);
  leftovers.defer('subgraph', () => subgraph.close());
  const over = await startGatewayOver(
    {
      large: { typeDefs: 'type Query { numbers(from: Int!): [Int!] }', resolvers: {} },
      small: { typeDefs: 'type Query { hello: String }', resolvers: { Query: { hello: () => 'world' } } },
    },
    {
      subgraphUrls: new Map([['large', [subgraph.url]]]),
      // One thread is all there is for the gateway, its subgraphs and who asks: they wait for each other.
      environment: { RATE_LIMITS: 'none', MAX_QUEUE_MS: '30000', PLAN_TIMEOUT_MS: '20000' },
    },
  );
  leftovers.defer('gateway', () => over.close());
  let isOver = false;
  const beside = async (): Promise<number> => {
    let answered = 0;
    for (; !isOver; answered += 1) expect(await ask(over.url, '{ hello }')).toEqual({ data: { hello: 'world' } });
    return answered;
  };
  const answeredBeside = beside();

  const numbers = Array.from({ length: 24 }, (_, index) => 100_000 + index);
  const asked = numbers.map((number) => ask(over.url, `{ numbers(from: ${number}) }`));
  const answers = await Promise.all(asked).finally(() => (isOver = true));

  const whole = answers.map(({ data }) => (data?.['numbers'] as number[] | undefined) ?? []);
  expect(whole.map(({ length }) => length)).toEqual(numbers.map(() => count));
  expect(whole.map((list) => [...new Set(list)])).toEqual(numbers.map((number) => [number]));
  expect(await answeredBeside).toBeGreaterThan(1);
}, 60_000);
