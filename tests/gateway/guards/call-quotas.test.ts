import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { verifyPrincipal } from '@tessera/service/identity';
import { createInProcessPubSubHub, type PubSub } from '@tessera/service/pubsub';
import { exhaustedQuotasPath, nextMonth, quotaChangesChannel, type QuotaState } from '@tessera/service/quotas';
import { eventually } from '../../support/eventually.js';
import { createLeftovers } from '../../support/leftovers.js';
import type { TokenIssuer } from '../../support/token-issuer.js';
import { startForKnownCallers } from '../support/known-callers.js';
import type { RunningGateway } from '../support/running-gateway.js';
import { transportsFor } from '../support/transports.js';

const leftovers = createLeftovers();
const secret = 'a-secret-between-gateway-and-subgraphs';
const query = '{ openAlerts }';

/** A tenant of which the gateway hears when it starts. */
const exhaustedBefore = randomUUID();
let pubSub: PubSub;
let issuer: TokenIssuer;
let running: RunningGateway;

const state = (tenantId: string, more: Partial<QuotaState> = {}): QuotaState => ({
  ...{ tenantId, version: 1, used: 10, limit: 10, isExhausted: true, resetsAt: nextMonth(new Date()).toISOString() },
  ...more,
});

/** Lists who has no calls left, as analytics does, to gateways alone. */
async function startList(): Promise<string> {
  const server = createServer((request, response) => {
    const signed = { audience: 'analytics', method: 'GET', path: exhaustedQuotasPath, body: '' };
    verifyPrincipal([secret], signed, request.headers, Date.now());
    response.end(JSON.stringify([state(exhaustedBefore)]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  leftovers.defer('list', () => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${exhaustedQuotasPath}`;
}

beforeAll(async () => {
  pubSub = createInProcessPubSubHub();
  ({ issuer, running } = await startForKnownCallers(leftovers, {
    environment: { PRINCIPAL_SECRET: secret, EXHAUSTED_QUOTAS_URL: await startList() },
    adapters: { pubSub },
  }));
}, 30_000);
afterAll(() => leftovers.close());

const ask = async (tid: string, text = query) =>
  running.post({ query: text }, { authorization: `Bearer ${await issuer.issue({ tid })}` });

/** Says it until the gateway, which may not listen yet, has heard it. */
async function say(said: QuotaState, isHeard: (code: unknown) => boolean): Promise<void> {
  await eventually(async () => {
    await pubSub.publish(quotaChangesChannel, said);
    return isHeard((await ask(said.tenantId)).code);
  });
}

const isRefused = (code: unknown): boolean => code === 'QUOTA_EXCEEDED';

describe('a tenant that has used up its API calls', () => {
  test('is refused from the start of a gateway, with what it may know', async () => {
    await eventually(async () => isRefused((await ask(exhaustedBefore)).code));

    const { status, body } = await ask(exhaustedBefore);

    expect(status).toBe(422);
    expect(body.errors?.[0]?.extensions).toMatchObject({
      details: { meter: 'API_CALLS', limit: 10, used: 10, resetsAt: nextMonth(new Date()).toISOString() },
    });
    expect((await ask(randomUUID())).code).toBeUndefined();
  });

  test.each([...transportsFor('query'), ...transportsFor('subscription')])(
    'is refused by %s',
    async (name, transport) => {
      const tenantId = randomUUID();
      const authorization = `Bearer ${await issuer.issue({ tid: tenantId })}`;
      await say(state(tenantId), isRefused);

      const isStream = name.startsWith('multipart');
      const outcome = await transport.send(
        running.url,
        { query: isStream ? 'subscription { countTo(last: 3) }' : query },
        { authorization },
      );

      expect(outcome.code).toBe('QUOTA_EXCEEDED');
    },
  );

  test('goes on as soon as it has more, and what is said late of before changes nothing', async () => {
    const tenantId = randomUUID();
    await say(state(tenantId), isRefused);

    await say(state(tenantId, { version: 2, limit: 100, isExhausted: false }), (code) => code === undefined);
    await pubSub.publish(quotaChangesChannel, state(tenantId));
    await say(state(tenantId, { version: 2, limit: 100, used: 11, isExhausted: false }), () => true);

    expect((await ask(tenantId)).code).toBeUndefined();
  });

  test('may ask for what it takes to get more, and for nothing beside', async () => {
    const tenantId = randomUUID();
    await say(state(tenantId), isRefused);

    expect((await ask(tenantId, '{ __typename }')).code).toBeUndefined();
    expect((await ask(tenantId, '{ __typename openAlerts }')).code).toBe('QUOTA_EXCEEDED');
  });
});
