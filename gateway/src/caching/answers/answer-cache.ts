import type { TaggedEntry } from '@tessera/service/cache';
import type { RequestContext } from '../../context.js';
import { delivery, type AnswerDelivery, type DeliveredAnswer } from '../../transport/answer-delivery.js';
import { callerOf, type CacheKey } from '../cache-key.js';
import type { CacheMetrics } from '../cache-metrics.js';
import { uncacheable, type CacheScopeName } from '../policy/cache-policy.js';
import type { FetchReader } from '../policy/fetch-reader.js';
import type { KeptValues } from '../store/kept-values.js';
import { callerTag } from '../tags/tag-names.js';
import { AnswerFlights, waitBounded, type Landed } from './answer-flights.js';
import { AnswerReading } from './answer-reading.js';
import { createAsking, type AskedQuery, type Asking, type RunQuery } from './asking.js';
import { deliverKept, type DescribeDelivery } from './deliver.js';
import { ageOf, keepAnswer, type KeptAnswer } from './kept-answer.js';
import { Revalidations } from './revalidations.js';

export interface AnswerCacheOptions {
  readonly supergraphId: string;
  readonly fetches: FetchReader;
  readonly kept: KeptValues<KeptAnswer>;
  /** The scopes whose answers are kept; none: clients alone are told how answers may be kept. */
  readonly keptScopes: readonly CacheScopeName[];
  readonly maxStaleSeconds: number;
  readonly describe: DescribeDelivery;
  readonly metrics: CacheMetrics;
  /** How long asking again in the background may take. */
  readonly requestTimeoutMs: number;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

/** Answers queries from what was answered before, where the policy of the answer allows it. */
export interface AnswerCache {
  answer(query: AskedQuery, context: RequestContext, run: RunQuery): Promise<DeliveredAnswer>;
}

/** Longer than this nobody waits for what somebody else has asked. */
const maxWaitMs = 2_000;
const maxKeptBytes = 1_048_576;

/** Creates the answer cache of one supergraph. */
export function createAnswerCache(options: AnswerCacheOptions): AnswerCache {
  const { fetches, kept, keptScopes, describe, metrics, supergraphId, now = Date.now } = options;
  const start = createAsking(supergraphId);
  const flights = new AnswerFlights();
  const revalidations = new Revalidations(options.requestTimeoutMs);

  /** Runs the query and keeps its answer where it may be kept. */
  async function execute({ query, context, run, facts, keyOf }: Asking, stamp: number | undefined): Promise<Landed> {
    const reading = new AnswerReading(fetches, stamp);
    const answer = await run(context, reading);
    if (answer.errors !== undefined || answer.data == null) return { answer, sharedUnder: undefined };
    const read = reading.policy ?? uncacheable;
    const scope = query.isGuarded ? 'private' : read.scope;
    const policy = { ...read, scope, staleSeconds: Math.min(read.staleSeconds, options.maxStaleSeconds) };
    facts.learn(policy);
    if (policy.maxAgeSeconds === 0 || answer.extensions !== undefined) return { answer, sharedUnder: undefined };
    const value = keepAnswer(answer, policy, now());
    const { tags } = reading;
    const delivered = { ...answer, [delivery]: describe(value, tags, 'miss', value.storedAtMs) };
    const begun = reading.stamp;
    if (keyOf === undefined || begun === undefined || !keptScopes.includes(scope) || value.bytes > maxKeptBytes) {
      return { answer: delivered, sharedUnder: undefined };
    }
    const key = keyOf(scope);
    const ttlSeconds = policy.maxAgeSeconds + policy.staleSeconds;
    const allTags = scope === 'private' ? [...tags, callerTag(callerOf(context))] : tags;
    kept.set(key, value, { tags: allTags, ttlSeconds, stamp: begun });
    return { answer: delivered, sharedUnder: key };
  }

  /** Waits for who asks the same already, or asks. Who waits in vain asks alone: nobody waits twice. */
  async function miss(asking: Asking, scopes: readonly CacheScopeName[], stamp: number): Promise<DeliveredAnswer> {
    const { keyOf, context } = asking;
    if (keyOf === undefined) return (await execute(asking, stamp)).answer;
    // As long as the answer may turn out to be private, only the same caller waits for it.
    const key = keyOf(scopes.includes('private') ? 'private' : 'public');
    const underWay = flights.find(key, stamp);
    if (underWay === undefined) return (await flights.lead(key, stamp, () => execute(asking, stamp))).answer;
    const landed = await waitBounded(underWay, maxWaitMs, context.signal);
    const { sharedUnder } = landed ?? {};
    const isMine = sharedUnder !== undefined && keyOf(sharedUnder.scope).text === sharedUnder.text;
    return landed !== undefined && isMine ? landed.answer : (await execute(asking, stamp)).answer;
  }

  function revalidate(asking: Asking, key: CacheKey): void {
    revalidations.start(key, asking.context, async (context) => {
      const stamp = await kept.stamp();
      if (stamp !== undefined) await execute({ ...asking, context }, stamp);
    });
  }

  function answerFrom(
    entry: TaggedEntry<KeptAnswer> | undefined,
    key: CacheKey,
    asking: Asking,
  ): DeliveredAnswer | undefined {
    if (entry === undefined) return undefined;
    const nowMs = now();
    const { value, tags } = entry;
    const { maxAgeSeconds, staleSeconds } = value.policy;
    const overdueSeconds = ageOf(value, nowMs) - maxAgeSeconds;
    if (overdueSeconds >= 0 && overdueSeconds >= staleSeconds) return undefined;
    const origin = overdueSeconds >= 0 ? 'stale' : 'hit';
    if (origin === 'stale') revalidate(asking, key);
    metrics.read('answers', origin);
    const description = describe(value, tags, origin, nowMs);
    const isRepeatable = asking.context.offerRepeat !== undefined && key.scope === 'public' && origin === 'hit';
    return deliverKept(value, isRepeatable ? { ...description, again: () => lookAgain(key) } : description);
  }

  /** What everybody may have, as long as it is fresh. */
  function lookAgain(key: CacheKey): AnswerDelivery | undefined {
    const entry = kept.peek(key);
    const nowMs = now();
    if (entry === undefined || ageOf(entry.value, nowMs) >= entry.value.policy.maxAgeSeconds) return undefined;
    metrics.read('answers', 'hit');
    return describe(entry.value, entry.tags, 'hit', nowMs);
  }

  return {
    async answer(query, context, run) {
      const asking = start(query, context, run);
      const { keyOf, facts } = asking;
      const scopes = facts.scopesAmong(query.isGuarded ? keptScopes.filter((name) => name === 'private') : keptScopes);
      if (keyOf === undefined || scopes.length === 0) return (await execute(asking, undefined)).answer;
      const keys = scopes.map(keyOf);
      for (const key of keys) {
        const answer = answerFrom(kept.peek(key), key, asking);
        if (answer !== undefined) return answer;
      }
      const { entries, stamp } = await kept.read(keys);
      for (const [index, key] of keys.entries()) {
        const answer = answerFrom(entries[index], key, asking);
        if (answer !== undefined) return answer;
      }
      metrics.read('answers', 'miss');
      // What was found in this process's memory alone, and too old, says nothing about the clock.
      const begun = stamp ?? (entries.some((entry) => entry !== undefined) ? await kept.stamp() : undefined);
      return begun === undefined ? (await execute(asking, undefined)).answer : miss(asking, scopes, begun);
    },
  };
}
