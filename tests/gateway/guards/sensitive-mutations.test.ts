import { afterEach, describe, expect, test } from '@jest/globals';
import type { GraphQLFormattedError } from 'graphql';
import { createLeftovers } from '../../support/leftovers.js';
import { answerOver, statusesOf } from '../support/limited-requests.js';
import { openRawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

/** Without the gate for overload: what a busy machine makes it refuse would be counted here. */
async function start(environment: Readonly<Record<string, string>>): Promise<RunningGateway> {
  const running = await startRunningGateway({ environment: { MAX_CONCURRENT_OPERATIONS: '0', ...environment } });
  leftovers.defer('gateway', () => running.close());
  return running;
}

const query = '{ openAlerts }';
const rename = (alias: string): string => `${alias}: rename(id: "1", name: "x") { id }`;

describe('sensitive mutations', () => {
  const environment = { SENSITIVE_MUTATIONS: 'rename', RATE_LIMIT_SENSITIVE: '1/h burst 5' };

  test('are counted one by one, aliases and fragments included', async () => {
    const running = await start(environment);

    const twoAliases = await running.post({ query: `mutation { ${rename('a')} ${rename('b')} }` });
    const inFragments = await running.post({
      query: `mutation { ...f ... on Mutation { ${rename('b')} } } fragment f on Mutation { ${rename('a')} }`,
    });
    const twoMore = await running.post({ query: `mutation { ${rename('a')} ${rename('b')} }` });
    const oneMore = await running.post({ query: `mutation { ${rename('a')} }` });

    expect([twoAliases.status, inFragments.status, oneMore.status]).toEqual([200, 200, 200]);
    expect(twoAliases.headers.get('ratelimit')).toMatch(/^"sensitive";r=3;/);
    expect(twoMore.status).toBe(429);
    expect(twoMore.body.errors?.[0]?.extensions?.['details']).toEqual({ limit: 'sensitive' });
  });

  test('of which there are more in one operation than the burst holds are never run', async () => {
    const running = await start(environment);
    const aliases = Array.from({ length: 6 }, (_, index) => rename(`a${index}`)).join(' ');

    const refused = await running.post({ query: `mutation { ${aliases} }` });
    const within = await running.post({ query: `mutation { ${rename('a')} }` });

    expect(refused.code).toBe('RATE_LIMITED');
    expect(refused.headers.get('retry-after')).toBeNull();
    expect(within.headers.get('ratelimit')).toMatch(/^"sensitive";r=4;/);
  });

  test('are counted one by one in a batch', async () => {
    const running = await start({ ...environment, MAX_BATCH_SIZE: '10' });
    const batch = Array.from({ length: 8 }, () => ({ query: `mutation { ${rename('a')} }` }));

    const response = await fetch(running.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(batch),
    });

    const answers = (await response.json()) as { readonly errors?: readonly GraphQLFormattedError[] }[];
    const codes = answers.map(({ errors }) => errors?.[0]?.extensions?.['code']);
    expect(codes.filter((code) => code === undefined)).toHaveLength(5);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(3);
  });

  test('are counted over WebSocket and HTTP together; other operations are not', async () => {
    const running = await start(environment);
    const socket = await openRawSocket(running.socketUrl);
    leftovers.defer('socket', () => socket.socket.close());
    await socket.initialise();

    const overSocket = await answerOver(socket, '1', `mutation { ${[1, 2, 3].map((n) => rename(`a${n}`)).join(' ')} }`);
    const overHttp = await statusesOf(10, () => running.post({ query: `mutation { ${rename('a')} }` }));
    const queries = await statusesOf(10, () => running.post({ query }));

    expect(overSocket.type).toBe('next');
    expect(overHttp).toEqual({ 200: 2, 429: 8 });
    expect(queries).toEqual({ 200: 10 });
  });
});
