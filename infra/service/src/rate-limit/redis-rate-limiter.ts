import { withDeadline } from '../deadline/index.js';
import { rateKey, type RedisClient } from '../redis/index.js';
import { describe, neededMs, takenMs } from './bucket.js';
import type { Charge, Verdict } from './rate-limiter.js';
import { takeScript, takeScriptDigest } from './take-script.js';

export interface RedisRateLimiterOptions {
  readonly redis: RedisClient;
  /** Deadline of every question. Default 100 ms. */
  readonly timeoutMs?: number;
}

/** Buckets that all processes share. Unlike a `RateLimiter` it fails where Redis does: see `createRateLimiter`. */
export interface SharedBuckets {
  /** @throws Error where Redis does not answer in time */
  take(charges: readonly Charge[]): Promise<Verdict>;
}

interface WaitingTake {
  readonly charges: readonly Charge[];
  resolve(verdict: Verdict): void;
  reject(error: unknown): void;
}

/** Redis does nothing else while a script runs; one of so many takes holds it for well under a millisecond. */
const maxTakesAtOnce = 100;

/**
 * Creates buckets in Redis. Takes of one turn of the event loop travel together, in one call of one script; in a cluster
 * one call for each group of charges, all at once, so that there a take of several groups may be refused by one and
 * counted by another.
 */
export function createRedisRateLimiter({ redis, timeoutMs = 100 }: RedisRateLimiterOptions): SharedBuckets {
  let waiting: WaitingTake[] = [];

  const run = async (keys: readonly string[], values: readonly (string | number)[]): Promise<readonly number[]> => {
    const call = redis.evalsha(takeScriptDigest, keys.length, ...keys, ...values).catch((error: Error) => {
      if (!error.message.startsWith('NOSCRIPT')) throw error;
      return redis.eval(takeScript, keys.length, ...keys, ...values);
    });
    return (await withDeadline(call, timeoutMs, 'Rate limits')) as readonly number[];
  };

  const send = async (takes: readonly WaitingTake[]): Promise<void> => {
    const keys: string[] = [];
    const values: (string | number)[] = [];
    for (const { charges } of takes) {
      values.push(charges.length);
      for (const charge of charges) {
        keys.push(rateKey(charge.rule.name, charge.group, charge.id));
        values.push(neededMs(charge), takenMs(charge), charge.rule.rate.capacityMs);
      }
    }
    try {
      const reply = await run(keys, values);
      let position = 0;
      for (const { charges, resolve } of takes) {
        const first = position + 1;
        resolve(describe(charges, (index) => (reply[first + index] ?? 0) / 1_000, reply[position] === 1));
        position = first + charges.length;
      }
    } catch (error) {
      for (const { reject } of takes) reject(error);
    }
  };

  const flush = (): void => {
    const takes = waiting;
    waiting = [];
    if (redis.isCluster) for (const group of groupTakes(takes)) void send(group);
    else for (let at = 0; at < takes.length; at += maxTakesAtOnce) void send(takes.slice(at, at + maxTakesAtOnce));
  };

  const takeTogether = (charges: readonly Charge[]): Promise<Verdict> =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ charges, resolve, reject });
    });

  return {
    async take(charges) {
      const groups = redis.isCluster ? [...new Set(charges.map(({ group }) => group))] : [];
      if (groups.length < 2) return takeTogether(charges);
      const parts = groups.map((group) => charges.filter((charge) => charge.group === group));
      return joinVerdicts(charges, parts, await Promise.all(parts.map(takeTogether)));
    },
  };
}

function groupTakes(takes: readonly WaitingTake[]): Iterable<readonly WaitingTake[]> {
  return Map.groupBy(takes, ({ charges }) => charges[0]?.group).values();
}

function joinVerdicts(
  charges: readonly Charge[],
  parts: readonly (readonly Charge[])[],
  verdicts: readonly Verdict[],
): Verdict {
  const standings = charges.flatMap((charge) => {
    const part = parts.findIndex((members) => members.includes(charge));
    return verdicts[part]?.standings[parts[part]?.indexOf(charge) ?? 0] ?? [];
  });
  return { isAllowed: verdicts.every(({ isAllowed }) => isAllowed), standings };
}
