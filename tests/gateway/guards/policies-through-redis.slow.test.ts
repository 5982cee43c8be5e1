import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tenantChangesChannel } from '@tessera/service/identity';
import { noSecurityPolicy, type SecurityPolicy } from '@tessera/service/security-policy';
import { Redis } from 'ioredis';
import { eventually } from '../../support/eventually.js';
import { startFakeSubgraph } from '../../support/fake-subgraph.js';
import { createLeftovers } from '../../support/leftovers.js';
import { describeWithRedis, startRedisServer, type RedisServer } from '../../support/redis-server.js';
import { startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.js';
import { openRawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';
import { tenantSchema } from '../support/tenant-schema.js';

/** It takes a second at most; this is what a busy machine is given. */
const atOnceMs = 5_000;

describeWithRedis('the security policy of a tenant, at two gateways with one Redis', () => {
  const leftovers = createLeftovers();
  const policies = new Map<string, SecurityPolicy>();
  const others = new Map<string, { readonly status?: string; readonly disabledServices?: readonly string[] }>();
  let redis: RedisServer;
  let issuer: TokenIssuer;
  let gateways: readonly RunningGateway[];

  beforeAll(async () => {
    redis = await startRedisServer();
    leftovers.defer('redis', () => redis.stop());
    issuer = await startTokenIssuer();
    leftovers.defer('issuer', () => issuer.close());
    const tenants = await startFakeSubgraph(tenantSchema, {
      Tenant: {
        __resolveReference: ({ id }: { id: string }) => ({
          ...{ id, status: 'ACTIVE', plan: 'free', disabledServices: [] },
          securityPolicy: policies.get(id) ?? noSecurityPolicy,
          ...others.get(id),
        }),
      },
    });
    leftovers.defer('tenants', () => tenants.close());
    const environment = {
      JWKS_URL: issuer.jwksUrl,
      REDIS_URL: redis.url,
      PRINCIPAL_SECRET: 'a-secret-between-gateway-and-subgraphs',
      TENANT_PLANS_URL: tenants.url,
    };
    gateways = [await startRunningGateway({ environment }), await startRunningGateway({ environment })];
    leftovers.defer('gateways', () => Promise.all(gateways.map((gateway) => gateway.close())));
  }, 60_000);
  afterAll(() => leftovers.close());

  /** Somebody who signed in with a password, and what each gateway answers them. */
  async function aMember() {
    const tenantId = randomUUID();
    const proven = { way: 'password', amr: ['pwd'], auth_time: Math.floor(Date.now() / 1_000) };
    const authorization = `Bearer ${await issuer.issue({ tid: tenantId, ...proven })}`;
    const codes = async (): Promise<readonly unknown[]> =>
      Promise.all(gateways.map(async ({ post }) => (await post({ query: '{ whoAmI }' }, { authorization })).code));
    return { tenantId, authorization, codes };
  }

  /** A subscription at each gateway, on which nothing happens. */
  async function watchAlerts(authorization: string) {
    return Promise.all(
      gateways.map(async ({ socketUrl, subgraphs: { alerts } }) => {
        const streams = alerts.openStreams();
        const socket = await openRawSocket(socketUrl);
        await socket.initialise({ authorization });
        socket.send({ id: 'a', type: 'subscribe', payload: { query: 'subscription { alerts { status } }' } });
        await alerts.untilStreams(streams + 1);
        return socket;
      }),
    );
  }

  const commit = (tenantId: string, isMfaRequired: boolean): void =>
    void policies.set(tenantId, { ...noSecurityPolicy, isMfaRequired });
  const refused = ['FORBIDDEN', 'FORBIDDEN'];
  const admitted = [undefined, undefined];

  test('bites at both within a second of each change, however they race', async () => {
    const publisher = new Redis(redis.url);
    leftovers.defer('publisher', () => publisher.disconnect());
    const { tenantId, codes } = await aMember();
    expect(await codes()).toEqual(admitted);

    for (let round = 0; round < 10; round += 1) {
      const isMfaRequired = round % 2 === 0;
      // Asked for all the while: an answer of before the change must not stay.
      const racing = Array.from({ length: 20 }, () => codes());
      commit(tenantId, isMfaRequired);
      await publisher.publish(`tessera:channel:${tenantChangesChannel}`, JSON.stringify({ tenantId }));
      await Promise.all(racing);

      const expected = isMfaRequired ? refused : admitted;
      await eventually(async () => JSON.stringify(await codes()) === JSON.stringify(expected), atOnceMs);
      expect(await codes()).toEqual(expected);
    }
  }, 60_000);

  test('that was changed while Redis was away bites at both once it is back, and ends what is open', async () => {
    const { tenantId, authorization, codes } = await aMember();
    const before = await codes();
    const sockets = await watchAlerts(authorization);

    await redis.kill9();
    commit(tenantId, true);
    // Nobody says so: who was to hear it has to ask.
    await redis.restart();

    await eventually(async () => JSON.stringify(await codes()) === JSON.stringify(refused), 2 * atOnceMs);
    const ends = await Promise.all(sockets.map(async (socket) => JSON.stringify(await socket.next())));
    expect(before).toEqual(admitted);
    expect(ends).toEqual([expect.stringContaining('FORBIDDEN'), expect.stringContaining('FORBIDDEN')]);
    for (const { socket } of sockets) socket.terminate();
  }, 60_000);

  test('is asked for while Redis is away, and so are suspensions and services: each bites before it is back', async () => {
    const { tenantId, authorization, codes } = await aMember();
    const before = await codes();
    const sockets = await watchAlerts(authorization);
    const areAll = (code: string | undefined) =>
      eventually(async () => (await codes()).every((each) => each === code), atOnceMs);

    await redis.kill9();
    others.set(tenantId, { status: 'SUSPENDED' });
    await areAll('UNAUTHENTICATED');
    const ends = await Promise.all(sockets.map(async (socket) => JSON.stringify(await socket.next())));
    others.set(tenantId, { disabledServices: ['people'] });
    await areAll('SERVICE_DISABLED');
    others.delete(tenantId);
    await areAll(undefined);
    commit(tenantId, true);
    await areAll('FORBIDDEN');
    await redis.restart();

    expect(before).toEqual(admitted);
    expect(ends).toEqual([expect.stringContaining('UNAUTHENTICATED'), expect.stringContaining('UNAUTHENTICATED')]);
    for (const { socket } of sockets) socket.terminate();
  }, 60_000);
});
