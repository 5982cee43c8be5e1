import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { tenantChangesChannel } from '@tessera/service/identity';
import { createInProcessPubSubHub, type PubSub } from '@tessera/service/pubsub';
import { eventually } from '../../support/eventually.js';
import { startFakeSubgraph } from '../../support/fake-subgraph.js';
import { createLeftovers } from '../../support/leftovers.js';
import type { TokenIssuer } from '../../support/token-issuer.js';
import { startForKnownCallers } from '../support/known-callers.js';
import type { RunningGateway } from '../support/running-gateway.js';
import { tenantSchema } from '../support/tenant-schema.js';
import { transportsFor } from '../support/transports.js';

const leftovers = createLeftovers();

/** What the tenant subgraph answers; tenants that are not here have everything. */
const disabledServices = new Map<string, readonly string[]>();
let beforeNextAnswer: (() => Promise<void>) | undefined;
let pubSub: PubSub;
let issuer: TokenIssuer;
let running: RunningGateway;

beforeAll(async () => {
  pubSub = createInProcessPubSubHub();
  const tenants = await startFakeSubgraph(tenantSchema, {
    Tenant: {
      async __resolveReference({ id }: { id: string }) {
        const answer = { id, status: 'ACTIVE', plan: 'free', disabledServices: disabledServices.get(id) ?? [] };
        const wait = beforeNextAnswer;
        beforeNextAnswer = undefined;
        await wait?.();
        return answer;
      },
    },
  });
  leftovers.defer('tenants', () => tenants.close());
  ({ issuer, running } = await startForKnownCallers(leftovers, {
    environment: {
      PRINCIPAL_SECRET: 'a-secret-between-gateway-and-subgraphs',
      TENANT_PLANS_URL: tenants.url,
      // What is asked here is not whether a busy machine answers in time.
      TENANT_PLANS_TIMEOUT_MS: '60000',
    },
    adapters: { pubSub },
  }));
}, 30_000);
afterAll(() => leftovers.close());

/** What the tenant subgraph does when it has committed a change. */
async function setDisabled(tenantId: string, services: readonly string[]): Promise<void> {
  disabledServices.set(tenantId, services);
  await pubSub.publish(tenantChangesChannel, { tenantId });
}

async function aTenant(services: readonly string[] = []) {
  const tenantId = randomUUID();
  if (services.length > 0) disabledServices.set(tenantId, services);
  const authorization = `Bearer ${await issuer.issue({ tid: tenantId })}`;
  const ask = (query: string) => running.post({ query }, { authorization });
  return { tenantId, authorization, ask };
}

describe('a service that is switched off for a tenant', () => {
  test('answers SERVICE_DISABLED at its fields, and the rest of the answer comes', async () => {
    const { ask } = await aTenant(['alerts']);

    const { body } = await ask('{ openAlerts person(id: "p") { name } }');
    const { body: alone } = await ask('{ person(id: "p") { name } }');

    const person = { name: 'Name of p' };
    expect(body).toMatchObject({
      data: null,
      errors: [
        {
          path: ['openAlerts'],
          extensions: { code: 'SERVICE_DISABLED', details: { services: ['alerts'] } },
        },
      ],
    });
    expect(alone).toEqual({ data: { person } });
  });

  test('does nothing of a mutation, not even through aliases and fragments', async () => {
    const { ask } = await aTenant(['people']);
    const before = running.subgraphs.people.requests.length;

    const { body } = await ask(
      'mutation { one: rename(id: "p", name: "x") { id } ...more } fragment more on Mutation { two: rename(id: "q", name: "y") { id } }',
    );

    expect(body.data).toEqual({ one: null, two: null });
    expect(body.errors?.map(({ path, extensions }) => [path, extensions?.['code']])).toEqual([
      [['one'], 'SERVICE_DISABLED'],
      [['two'], 'SERVICE_DISABLED'],
    ]);
    expect(running.subgraphs.people.requests).toHaveLength(before);
  });

  test('is on for other tenants, for people of none, and for nobody in particular', async () => {
    await (await aTenant(['people'])).ask('{ people { name } }');
    const other = await aTenant();
    const ofNone = `Bearer ${await issuer.issue()}`;
    const query = '{ person(id: "p") { name } }';

    const answers = [
      await other.ask(query),
      await running.post({ query }, { authorization: ofNone }),
      await running.post({ query }),
    ];

    expect(answers.map(({ body }) => body)).toEqual(Array(3).fill({ data: { person: { name: 'Name of p' } } }));
  });

  test.each(transportsFor('subscription'))('has no streams: %s', async (_name, transport) => {
    const { authorization } = await aTenant(['alerts']);

    const outcome = await transport.send(
      running.url,
      { query: 'subscription { countTo(last: 3) }' },
      { authorization },
    );

    expect(outcome.code).toBe('SERVICE_DISABLED');
    expect(outcome.answers.filter(({ data }) => data != null)).toEqual([]);
  });

  test.each(transportsFor('query'))('is refused however it is asked for: %s', async (_name, transport) => {
    const { authorization } = await aTenant(['people']);

    const outcome = await transport.send(running.url, { query: '{ whoAmI }' }, { authorization });

    expect(outcome).toMatchObject({ code: 'SERVICE_DISABLED', answers: [{ data: { whoAmI: null } }] });
  });
});

describe('switching a service off and on', () => {
  const query = '{ whoAmI }';

  test('holds with the next request', async () => {
    const { tenantId, ask } = await aTenant();
    const codes: unknown[] = [(await ask(query)).code];

    await setDisabled(tenantId, ['people']);
    await eventually(async () => (await ask(query)).code === 'SERVICE_DISABLED');
    await setDisabled(tenantId, []);
    await eventually(async () => (await ask(query)).code === undefined);

    expect(codes).toEqual([undefined]);
  });

  test('is not missed by an answer of before that is still on its way', async () => {
    const { tenantId, ask } = await aTenant();
    const isAsked = Promise.withResolvers<void>();
    const mayAnswer = Promise.withResolvers<void>();
    beforeNextAnswer = async () => {
      isAsked.resolve();
      await mayAnswer.promise;
    };
    const first = ask(query);
    await isAsked.promise;

    await setDisabled(tenantId, ['people']);
    mayAnswer.resolve();
    await first;

    await eventually(async () => (await ask(query)).code === 'SERVICE_DISABLED');
  });

  test.each(transportsFor('subscription'))('ends streams on which nothing happens: %s', async (_name, transport) => {
    const { tenantId, authorization } = await aTenant();
    const { alerts } = running.subgraphs;
    const stream = transport.send(running.url, { query: 'subscription { alerts { status } }' }, { authorization });
    await alerts.untilStreams(1);

    await setDisabled(tenantId, ['alerts']);

    expect((await stream).code).toBe('SERVICE_DISABLED');
    await eventually(() => alerts.openStreams() === 0);
  });

  test('leaves streams of other services, and of other tenants, open', async () => {
    const [one, other] = [await aTenant(), await aTenant()];
    const subscription = 'subscription { alerts { status person { id } } }';
    const codes: unknown[] = [];
    const [, transport] = transportsFor('subscription')[0] ?? [];
    const answers: unknown[] = [];
    for (const { authorization } of [one, other]) {
      void transport
        ?.send(running.url, { query: subscription }, { authorization, onAnswer: (answer) => answers.push(answer.data) })
        .then(({ code }) => codes.push(code));
    }
    await running.subgraphs.alerts.untilStreams(2);

    await setDisabled(one.tenantId, ['people']);
    await eventually(async () => (await one.ask(query)).code === 'SERVICE_DISABLED');
    running.subgraphs.alertTopic.publish({ status: 'FIRING', userId: 'u' });
    await eventually(() => answers.length === 2);

    expect(codes).toEqual([]);
    expect(answers).toEqual(Array(2).fill({ alerts: { status: 'FIRING', person: { id: 'u' } } }));
  });
});
