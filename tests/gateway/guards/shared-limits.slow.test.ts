import { expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { createLeftovers } from '../../support/leftovers.js';
import { describeWithRedis, startRedisServer } from '../../support/redis-server.js';
import { someClaims, startTokenIssuer } from '../../support/token-issuer.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const query = '{ openAlerts }';

describeWithRedis('two gateways with one Redis', () => {
  const leftovers = createLeftovers();

  async function start(environment: Readonly<Record<string, string>>) {
    const redis = await startRedisServer();
    leftovers.defer('redis', () => redis.stop());
    const issuer = await startTokenIssuer();
    leftovers.defer('issuer', () => issuer.close());
    const settings = { REDIS_URL: redis.url, JWKS_URL: issuer.jwksUrl, ...environment };
    const gateways = [
      await startRunningGateway({ environment: settings }),
      await startRunningGateway({ environment: settings }),
    ];
    leftovers.defer('gateways', () => Promise.all(gateways.map((gateway) => gateway.close())));
    for (const gateway of gateways) await isDegraded(gateway, false);
    return { redis, issuer, gateways };
  }

  /** Waits until a gateway counts alone, or not, as its metrics say. */
  async function isDegraded(gateway: RunningGateway, expected: boolean): Promise<void> {
    await eventually(async () => {
      await gateway.post({ query });
      const state = new RegExp(`rate_limit_degraded\\{service="gateway"\\} ${expected ? 1 : 0}\\n`);
      return state.test(await gateway.metrics());
    });
  }

  const countAllowed = async (count: number, send: (index: number) => Promise<{ readonly status: number }>) => {
    const answers = await Promise.all(Array.from({ length: count }, (_, index) => send(index)));
    return answers.filter(({ status }) => status === 200).length;
  };

  test('share budgets exactly; without Redis each keeps to them alone, and shares again when it is back', async () => {
    try {
      const { redis, issuer, gateways } = await start({
        RATE_LIMIT_ANONYMOUS: '1000/s burst 100000',
        RATE_LIMIT_PERSON: '1/h burst 40',
        RATE_LIMIT_PLANS: '*=1/h burst 60',
      });
      const tid = someClaims().sub;
      const tokenOf = async (): Promise<string> => `Bearer ${await issuer.issue({ tid })}`;
      const askBoth = async (count: number, authorization: string): Promise<number> =>
        countAllowed(count, async (index) => {
          const gateway = gateways[index % 2] as RunningGateway;
          return gateway.post({ query }, { authorization });
        });

      const ofPerson = await askBoth(100, await tokenOf());
      const ofColleague = await askBoth(100, await tokenOf());
      expect([ofPerson, ofColleague]).toEqual([40, 20]);

      await redis.kill9();
      for (const gateway of gateways) await isDegraded(gateway, true);
      const stranger = `Bearer ${await issuer.issue({ tid: someClaims().sub })}`;
      expect(await askBoth(100, stranger)).toBe(80);

      await redis.restart();
      for (const gateway of gateways) await isDegraded(gateway, false);
      expect(await askBoth(100, `Bearer ${await issuer.issue({ tid: someClaims().sub })}`)).toBe(40);
    } finally {
      await leftovers.close();
    }
  }, 40_000);
});
