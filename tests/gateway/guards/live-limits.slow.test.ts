import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessTokenClaims } from '@tessera/service/identity';
import { eventually } from '../../support/eventually.js';
import { createLeftovers } from '../../support/leftovers.js';
import type { TokenIssuer } from '../../support/token-issuer.js';
import { startForKnownCallers } from '../support/known-callers.js';
import { openRawStream, type RawStream } from '../support/raw-stream.js';
import type { RunningGateway } from '../support/running-gateway.js';
import { transportsFor } from '../support/transports.js';

const alerts = { query: 'subscription { alerts { status } }' };
const countToOne = { query: 'subscription { countTo(last: 1) }' };
const counted = [{ data: { countTo: 1 } }];

const leftovers = createLeftovers();
const held: RawStream[] = [];
let issuer: TokenIssuer;
let running: RunningGateway;

beforeAll(async () => {
  ({ issuer, running } = await startForKnownCallers(leftovers, {
    environment: {
      PRINCIPAL_SECRET: 'a secret that gateway and subgraphs share',
      RATE_LIMITS: 'none',
      CONNECTION_INIT_TIMEOUT_MS: '60000',
      MAX_LIVE_CONNECTIONS_PER_TENANT: '5',
      MAX_SUBSCRIPTIONS: '6',
      MAX_SUBSCRIPTIONS_PER_TENANT: '3',
      MAX_SUBSCRIPTIONS_PER_CALLER: '2',
    },
  }));
});

afterEach(async () => {
  for (const stream of held.splice(0)) stream.vanish();
  await eventually(async () => /^graphql_subscriptions_active(?:\{[^}]*\})? 0$/m.test(await running.metrics()));
});

afterAll(() => leftovers.close());

const tokenOf = async (claims: Partial<AccessTokenClaims>) => ({
  authorization: `Bearer ${await issuer.issue(claims)}`,
});

/** A subscription that somebody has open. */
async function holdSubscription(claims?: Partial<AccessTokenClaims>): Promise<void> {
  const authorization = claims === undefined ? {} : await tokenOf(claims);
  const stream = await openRawStream(running.url, {
    headers: { accept: 'text/event-stream', ...authorization },
    body: alerts,
  });
  held.push(stream);
  expect(stream.response.statusCode).toBe(200);
}

/** A connection that somebody has open, and nothing on it. */
async function holdConnection(claims: Partial<AccessTokenClaims>): Promise<void> {
  const reservation = await openRawStream(running.url, { method: 'PUT', headers: await tokenOf(claims) });
  await reservation.ended;
  const token = reservation.text();
  const headers = { accept: 'text/event-stream', 'x-graphql-event-stream-token': token };
  held.push(await openRawStream(running.url, { method: 'GET', headers }));
}

describe.each(transportsFor('subscription'))('by %s', (_name, transport) => {
  test('a tenant has no more subscriptions than it may, whoever of it has them; another tenant has its own', async () => {
    const tid = randomUUID();
    for (let count = 0; count < 3; count += 1) await holdSubscription({ tid });

    const refused = await transport.send(running.url, countToOne, await tokenOf({ tid }));
    const other = await transport.send(running.url, countToOne, await tokenOf({ tid: randomUUID() }));

    expect(refused.code).toBe('RATE_LIMITED');
    expect(other.answers).toEqual(counted);
  });

  test('a place that is given back is taken again', async () => {
    const tid = randomUUID();
    for (let count = 0; count < 3; count += 1) await holdSubscription({ tid });
    held[0]?.vanish();

    await eventually(async () => {
      const { answers } = await transport.send(running.url, countToOne, await tokenOf({ tid }));
      return answers[0]?.data?.['countTo'] === 1;
    });
  });

  test('a person has no more subscriptions than one may, in whichever sessions', async () => {
    const [sub, tid] = [randomUUID(), randomUUID()];
    for (let count = 0; count < 2; count += 1) await holdSubscription({ sub, tid });

    const refused = await transport.send(running.url, countToOne, await tokenOf({ sub, tid }));
    const other = await transport.send(running.url, countToOne, await tokenOf({ tid }));

    expect(refused.code).toBe('RATE_LIMITED');
    expect(other.answers).toEqual(counted);
  });

  test('a gateway has no more subscriptions than it can hold', async () => {
    for (let count = 0; count < 6; count += 1) await holdSubscription();

    const { code } = await transport.send(running.url, countToOne, await tokenOf({ tid: randomUUID() }));

    expect(code).toBe('OVERLOADED');
  });

  test('a tenant has no more connections than it may, whoever of it has them; another tenant has its own', async () => {
    const tid = randomUUID();
    for (let count = 0; count < 5; count += 1) await holdConnection({ tid });

    const refused = await transport.send(running.url, countToOne, await tokenOf({ tid }));
    const other = await transport.send(running.url, countToOne, await tokenOf({ tid: randomUUID() }));

    expect(['RATE_LIMITED', 1013]).toContain(refused.code);
    expect(other.answers).toEqual(counted);
  });
});
