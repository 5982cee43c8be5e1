import type { Asked } from '../../execution/ask.js';
import { completeAnswer } from '../../execution/completed-answer.js';
import type { EntityMemory, RecallEntities } from '../../execution/entity-memory.js';
import { isTreeObject, type ResultTree } from '../../execution/result-tree.js';
import type { SubgraphAnswer, SubgraphOperation } from '../../execution/subgraph-client.js';
import type { RequestContext } from '../../context.js';
import { ageOf } from '../answers/kept-answer.js';
import { callerOf, type CacheKey } from '../cache-key.js';
import type { CacheMetrics } from '../cache-metrics.js';
import type { CacheScopeName } from '../policy/cache-policy.js';
import type { CacheSchema } from '../policy/cache-schema.js';
import type { FetchReader } from '../policy/fetch-reader.js';
import type { KeptValues } from '../store/kept-values.js';
import { addObjectTags } from '../tags/collect-tags.js';
import { callerTag } from '../tags/tag-names.js';
import { TagSet } from '../tags/tag-set.js';
import { EntityPart } from './entity-part.js';
import type { KeptEntity } from './kept-entity.js';
import { recall, type Recalled } from './recall.js';

export interface EntityMemoryOptions {
  readonly supergraphId: string;
  readonly schema: CacheSchema;
  readonly fetches: FetchReader;
  readonly kept: KeptValues<KeptEntity>;
  readonly keptScopes: readonly CacheScopeName[];
  readonly metrics: CacheMetrics;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

/** What was asked of a subgraph because it was not there. */
interface Missed {
  readonly operation: SubgraphOperation;
  readonly answer: SubgraphAnswer;
  readonly recalled: readonly Recalled[];
  readonly stamp: number;
  readonly context: RequestContext;
}

const maxVariablesCharacters = 8_192;

/** Creates the memory of one supergraph's entities: each is kept by itself, as one subgraph answered one selection of it. */
export function createEntityMemory(options: EntityMemoryOptions): EntityMemory {
  const { supergraphId, schema, fetches, kept, keptScopes, metrics, now = Date.now } = options;

  function keepAll({ operation, answer, recalled, stamp, context }: Missed): void {
    for (const { part, keyOf, missing } of recalled) {
      const policy = fetches.policy(operation, answer, part.hints);
      part.learn(policy);
      const { maxAgeSeconds, scope } = policy;
      const list = answer.data?.[part.alias];
      if (maxAgeSeconds === 0 || !keptScopes.includes(scope) || !Array.isArray(list)) continue;
      for (const [index, representation] of missing.entries()) {
        const entity: unknown = list[index];
        if (!isTreeObject(entity)) continue;
        const value = { text: JSON.stringify(entity), policy, storedAtMs: now() };
        const tags = tagsOf(operation, answer, part.alias, representation, entity);
        if (scope === 'private') tags.add(callerTag(callerOf(context)));
        const key: CacheKey = keyOf(scope)(representation);
        kept.set(key, value, { tags: tags.tags, ttlSeconds: maxAgeSeconds, stamp });
      }
    }
  }

  function tagsOf(
    operation: SubgraphOperation,
    answer: SubgraphAnswer,
    alias: string,
    representation: ResultTree,
    entity: ResultTree,
  ): TagSet {
    const tags = new TagSet();
    addObjectTags(representation, String(representation['__typename']), schema, tags);
    fetches.collectTags(operation, undefined, { ...answer, data: { [alias]: [entity] } }, tags);
    return tags;
  }

  return {
    compile(operation, aliases): RecallEntities | undefined {
      const document = fetches.find(operation);
      const parts = aliases.map((alias) => {
        const hints = document.entityHints.get(alias);
        return hints === undefined ? undefined : new EntityPart(alias, hints, operation, document, supergraphId);
      });
      const known = parts.filter((part) => part !== undefined);
      if (known.length < aliases.length || keptScopes.length === 0) return undefined;

      return async (run, all, members, askFor): Promise<Asked> => {
        const variables = members.join(',');
        const isLookedUp = known.some((part) => part.scopesAmong(keptScopes).length > 0);
        if (variables.length > maxVariablesCharacters) return askFor(all);
        const { context } = run;
        const { recalled, stamp, recollection } = await recall({
          parts: known,
          groups: all,
          keptScopes,
          context,
          variables,
          kept: isLookedUp ? kept : undefined,
          isFresh: (entity) => ageOf(entity, now()) < entity.policy.maxAgeSeconds,
          nowMs: now(),
        });
        const misses = recalled.reduce((sum, { missing }) => sum + missing.length, 0);
        const hits = recalled.reduce(
          (sum, { found }) => sum + found.filter((entity) => entity !== undefined).length,
          0,
        );
        if (isLookedUp) {
          metrics.read('entities', 'hit', hits);
          metrics.read('entities', 'miss', misses);
        }
        if (recollection !== undefined) run.sources?.recalled(recollection);
        const startedAtMs = performance.now();
        const asked = misses === 0 ? undefined : await askFor(recalled.map(({ missing }) => missing));
        if (asked !== undefined && 'answer' in asked && asked.answer.errors.length === 0) {
          const { answer } = asked;
          const isOwn = answer.exchange !== undefined && answer.exchange.startedAtMs >= startedAtMs;
          if (stamp !== undefined && isOwn) keepAll({ operation, answer, recalled, stamp, context });
          else for (const { part } of recalled) part.learn(fetches.policy(operation, answer, part.hints));
        }
        if (asked !== undefined && hits === 0) return asked;
        return completeAnswer(
          recalled.map(({ part, found, places }) => ({ alias: part.alias, found, places })),
          asked,
        );
      };
    },
  };
}
