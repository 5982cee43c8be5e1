import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { revocationChannel } from '@tessera/service/identity';
import { createPubSub } from '@tessera/service/pubsub';
import { eventually } from '../../support/eventually.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { describeWithRedis, startRedisServer } from '../../support/redis-server.js';
import { someClaims, startTokenIssuer } from '../../support/token-issuer.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const persisted = (query: string) => ({
  persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') },
});

describeWithRedis('two gateways with one Redis', () => {
  test('share persisted queries and revocations; without Redis, requests go on', async () => {
    const leftovers = createLeftovers();
    try {
      const redis = await startRedisServer();
      leftovers.defer('redis', () => redis.stop());
      const issuer = await startTokenIssuer();
      leftovers.defer('issuer', () => issuer.close());
      const environment = { REDIS_URL: redis.url, JWKS_URL: issuer.jwksUrl };
      const [first, second] = [await startRunningGateway({ environment }), await startRunningGateway({ environment })];
      leftovers.defer('gateways', () => Promise.all([first.close(), second.close()]));
      const query = '{ openAlerts }';
      const extensions = persisted(query);

      await eventually(async () => {
        await first.post({ query, extensions });
        return (await second.post({ extensions })).body.data?.['openAlerts'] === 3;
      });

      const claims = someClaims();
      const authorization = `Bearer ${await issuer.issue(claims)}`;
      expect((await second.post({ query }, { authorization })).status).toBe(200);
      const pubSub = createPubSub({ redisUrl: redis.url, logger: quietLogger(), lifecycle: leftovers });
      await eventually(async () => {
        await pubSub.publish(revocationChannel, { sessionIds: [claims.sid] });
        return (await second.post({ query }, { authorization })).code === 'UNAUTHENTICATED';
      });

      await redis.kill9();
      expect((await second.post({ query, extensions })).body.data).toEqual({ openAlerts: 3 });
      expect((await first.post({ extensions })).body.data).toEqual({ openAlerts: 3 });
    } finally {
      await leftovers.close();
    }
  }, 30_000);

  test('persisted queries go on while Redis is killed and comes back, and are shared again', async () => {
    const leftovers = createLeftovers();
    try {
      const redis = await startRedisServer();
      leftovers.defer('redis', () => redis.stop());
      const environment = { REDIS_URL: redis.url };
      const [first, second] = [await startRunningGateway({ environment }), await startRunningGateway({ environment })];
      leftovers.defer('gateways', () => Promise.all([first.close(), second.close()]));
      const failures: unknown[] = [];
      let requests = 0;
      /** As Apollo's clients ask: the hash, and the text along with it where the hash is not known. */
      const ask = async (gateway: RunningGateway, query: string) => {
        const extensions = persisted(query);
        const attempt = await gateway.post({ extensions });
        const answer =
          attempt.code === 'PERSISTED_QUERY_NOT_FOUND' ? await gateway.post({ query, extensions }) : attempt;
        requests += 1;
        if (answer.body.data === undefined) failures.push(answer.body);
        return attempt.code === undefined;
      };
      let isOver = false;
      const traffic = [first, second].map(async (gateway) => {
        for (let turn = 0; !isOver; turn += 1) await ask(gateway, `query Turn${turn % 40} { openAlerts }`);
      });

      await eventually(() => requests > 20);
      await redis.kill9();
      const atKill = requests;
      await eventually(() => requests > atKill + 20);
      await redis.restart();
      let fresh = 0;
      await eventually(async () => {
        fresh += 1;
        const query = `query Fresh${fresh} { openAlerts }`;
        await ask(first, query);
        return ask(second, query);
      }, 20_000);
      isOver = true;
      await Promise.all(traffic);

      expect(failures).toEqual([]);
    } finally {
      await leftovers.close();
    }
  }, 60_000);
});
