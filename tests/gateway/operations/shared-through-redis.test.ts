import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { revocationChannel } from '@tessera/service/identity';
import { createPubSub } from '@tessera/service/pubsub';
import { eventually } from '../../support/eventually.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { describeWithRedis, startRedisServer } from '../../support/redis-server.js';
import { someClaims, startTokenIssuer } from '../../support/token-issuer.js';
import { startRunningGateway } from '../support/running-gateway.js';

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
      const extensions = {
        persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') },
      };

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
});
