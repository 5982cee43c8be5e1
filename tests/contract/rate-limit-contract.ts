import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import {
  createRate,
  createRateLimiter,
  createRedisRateLimiter,
  type Charge,
  type RateLimiter,
  type RateRule,
  type SharedBuckets,
} from '@tessera/service/rate-limit';
import { createRedis, waitForRedis } from '@tessera/service/redis';
import { quietLogger, type Leftovers } from '../support/leftovers.js';

const logger = quietLogger();

/** So slow that nothing comes back while a test runs. */
export const rule = (name: string, burst: number, isStrict = false): RateRule => ({
  name,
  rate: createRate(1, 3_600_000, burst),
  isStrict,
});

let lastId = 0;
export const newId = (): string => `somebody-${(lastId += 1)}`;

export const charge = (of: RateRule, id: string, units = 1): Charge => ({ rule: of, id, group: id, units });

export async function connectedBuckets(url: string, leftovers: Leftovers, timeoutMs = 5_000): Promise<SharedBuckets> {
  const redis = createRedis(url, { logger, name: 'rates', lifecycle: leftovers });
  await waitForRedis(redis, 10_000);
  return createRedisRateLimiter({ redis, timeoutMs });
}

export async function connectedLimiter(url: string, leftovers: Leftovers): Promise<RateLimiter> {
  return createRateLimiter({ shared: await connectedBuckets(url, leftovers), logger });
}

/** What every adapter does. */
export function rateLimitContract(createLimiter: () => Promise<RateLimiter>): void {
  test('gives out exactly what the bucket holds, and says what is left', async () => {
    const limiter = await createLimiter();
    const id = newId();

    const verdicts = [];
    for (let count = 0; count < 5; count += 1) verdicts.push(await limiter.take([charge(rule('exact', 3), id)]));

    expect(verdicts.map(({ isAllowed }) => isAllowed)).toEqual([true, true, true, false, false]);
    expect(verdicts.map(({ standings }) => standings[0]?.remaining)).toEqual([2, 1, 0, 0, 0]);
    expect(verdicts[2]?.standings[0]?.retryAfterMs).toBe(0);
    expect(verdicts[3]?.standings[0]?.retryAfterMs).toBeGreaterThan(3_500_000);
    expect(verdicts[3]?.standings[0]?.retryAfterMs).toBeLessThanOrEqual(3_600_000);
    expect(verdicts[3]?.standings[0]?.resetMs).toBeGreaterThan(3 * 3_500_000);
  });

  test('gives out exactly that to many who ask at once', async () => {
    const limiter = await createLimiter();
    const id = newId();

    const verdicts = await Promise.all(
      Array.from({ length: 300 }, async () => limiter.take([charge(rule('exact', 70), id)])),
    );

    expect(verdicts.filter(({ isAllowed }) => isAllowed)).toHaveLength(70);
  });

  test('fills the bucket again as time passes, and never beyond its brim', async () => {
    const limiter = await createLimiter();
    const fast: RateRule = { name: 'fast', rate: createRate(20, 1_000, 2), isStrict: false };
    const id = newId();
    await limiter.take([charge(fast, id, 2)]);

    const refused = await limiter.take([charge(fast, id)]);
    await pause((refused.standings[0]?.retryAfterMs ?? 0) + 5);
    const afterOne = await limiter.take([charge(fast, id)]);
    await pause(400);
    const afterMany = await limiter.take([charge(fast, id)]);

    expect(refused.isAllowed).toBe(false);
    expect(afterOne.isAllowed).toBe(true);
    expect(afterMany.standings[0]?.remaining).toBe(1);
  });

  test('takes from all buckets or from none, and says which one is empty', async () => {
    const limiter = await createLimiter();
    const [narrow, wide] = [rule('narrow', 1), rule('wide', 5)];
    const id = newId();
    const both = [charge(wide, id), charge(narrow, id)];

    await limiter.take(both);
    const refused = await limiter.take(both);
    const alone = await limiter.take([charge(wide, id)]);

    expect(refused.isAllowed).toBe(false);
    expect(refused.standings.map(({ retryAfterMs }) => retryAfterMs > 0)).toEqual([false, true]);
    expect(refused.standings.map(({ rule: { name } }) => name)).toEqual(['wide', 'narrow']);
    expect(alone.standings[0]?.remaining).toBe(3);
  });

  test('keeps people and rules apart', async () => {
    const limiter = await createLimiter();
    const [one, other] = [newId(), newId()];
    await limiter.take([charge(rule('single', 1), one)]);

    expect(await limiter.take([charge(rule('single', 1), one)])).toMatchObject({ isAllowed: false });
    expect(await limiter.take([charge(rule('single', 1), other)])).toMatchObject({ isAllowed: true });
    expect(await limiter.take([charge(rule('another', 1), one)])).toMatchObject({ isAllowed: true });
  });

  test('lets one large thing empty a full bucket into debt, unless the rule is strict', async () => {
    const limiter = await createLimiter();
    const id = newId();

    const large = await limiter.take([charge(rule('cost', 5), id, 12)]);
    const next = await limiter.take([charge(rule('cost', 5), id)]);
    const strict = await limiter.take([charge(rule('strict', 5, true), id, 6)]);
    const within = await limiter.take([charge(rule('strict', 5, true), id, 5)]);

    expect(large).toMatchObject({ isAllowed: true, standings: [{ remaining: 0 }] });
    expect(next.isAllowed).toBe(false);
    expect(next.standings[0]?.retryAfterMs).toBeGreaterThan(7.5 * 3_600_000);
    expect(strict).toMatchObject({ isAllowed: false, standings: [{ retryAfterMs: Number.POSITIVE_INFINITY }] });
    expect(within.isAllowed).toBe(true);
  });

  test('knows without asking what it has just refused', async () => {
    const limiter = await createLimiter();
    const charges = [charge(rule('known', 1), newId())];

    const before = limiter.refusalOf(charges);
    await limiter.take(charges);
    await limiter.take(charges);

    expect(before).toBeUndefined();
    expect(limiter.refusalOf(charges)).toMatchObject({ isAllowed: false, standings: [{ remaining: 0 }] });
    expect(limiter.refusalOf([charge(rule('known', 1), newId())])).toBeUndefined();
  });
}
