import type { RequestContext } from '../../context.js';
import type { Recollection } from '../../execution/answer-sources.js';
import type { ResultTree } from '../../execution/result-tree.js';
import { ageOf } from '../answers/kept-answer.js';
import type { CacheKey } from '../cache-key.js';
import type { CacheScopeName } from '../policy/cache-policy.js';
import type { KeptValues } from '../store/kept-values.js';
import { TagSet } from '../tags/tag-set.js';
import type { EntityPart } from './entity-part.js';
import type { KeptEntity } from './kept-entity.js';

export interface RecallOptions {
  readonly parts: readonly EntityPart[];
  /** For each part its representations. */
  readonly groups: readonly (readonly ResultTree[])[];
  readonly keptScopes: readonly CacheScopeName[];
  readonly context: RequestContext;
  /** That all entities depend on, JSON. */
  readonly variables: string;
  /** Undefined where there is nothing to look up. */
  readonly kept: KeptValues<KeptEntity> | undefined;
  readonly isFresh: (entity: KeptEntity) => boolean;
  readonly nowMs: number;
}

/** What was found of one part. */
export interface Recalled {
  readonly part: EntityPart;
  /** For each representation its entity; undefined where it is missing. */
  readonly found: readonly (ResultTree | undefined)[];
  readonly missing: readonly ResultTree[];
  /** For each that is missing, its place among all. */
  readonly places: readonly number[];
  keyOf(scope: CacheScopeName): (representation: ResultTree) => CacheKey;
}

interface RecallResult {
  readonly recalled: readonly Recalled[];
  /** The clock of invalidations at this moment, where it is known. */
  readonly stamp: number | undefined;
  /** What is to know about all that was found; undefined where nothing was. */
  readonly recollection: Recollection | undefined;
}

/** Looks the entities of a whole fetch up at once. */
export async function recall(options: RecallOptions): Promise<RecallResult> {
  const { parts, groups, keptScopes, context, variables, kept, isFresh, nowMs } = options;
  const keyers = parts.map((part) => (scope: CacheScopeName) => part.keyer(scope, context, variables));
  const places: { readonly part: number; readonly index: number }[] = [];
  const keys: CacheKey[] = [];
  for (const [partIndex, part] of parts.entries()) {
    for (const scope of kept === undefined ? [] : part.scopesAmong(keptScopes)) {
      const keyer = keyers[partIndex]?.(scope);
      for (const [index, representation] of (groups[partIndex] ?? []).entries()) {
        if (keyer === undefined) continue;
        keys.push(keyer(representation));
        places.push({ part: partIndex, index });
      }
    }
  }
  const { entries, stamp } = (await kept?.read(keys)) ?? { entries: [], stamp: undefined };
  const found = groups.map((representations): (ResultTree | undefined)[] => representations.map(() => undefined));
  const tags = new TagSet();
  let recollection: Recollection | undefined;
  for (const [position, { part, index }] of places.entries()) {
    const entry = entries[position];
    const ofPart = found[part];
    if (entry === undefined || ofPart === undefined || ofPart[index] !== undefined || !isFresh(entry.value)) continue;
    const { text, policy } = entry.value;
    ofPart[index] = JSON.parse(text) as ResultTree;
    tags.addAll(entry.tags);
    recollection = {
      maxAgeSeconds: Math.min(
        recollection?.maxAgeSeconds ?? Infinity,
        policy.maxAgeSeconds - ageOf(entry.value, nowMs),
      ),
      scope: recollection?.scope === 'private' ? 'private' : policy.scope,
      tags: [],
      stamp: Math.min(recollection?.stamp ?? Infinity, entry.stamp),
    };
  }
  const needsStamp = stamp === undefined && kept !== undefined && keys.length > 0;
  return {
    recalled: parts.map((part, partIndex) =>
      describe(part, groups[partIndex] ?? [], found[partIndex] ?? [], keyers[partIndex]),
    ),
    stamp: needsStamp && entries.some((entry) => entry !== undefined) ? await kept.stamp() : stamp,
    recollection: recollection === undefined ? undefined : { ...recollection, tags: tags.tags },
  };
}

function describe(
  part: EntityPart,
  representations: readonly ResultTree[],
  found: readonly (ResultTree | undefined)[],
  keyOf: Recalled['keyOf'] | undefined,
): Recalled {
  const missing: ResultTree[] = [];
  const places: number[] = [];
  for (const [index, representation] of representations.entries()) {
    if (found[index] !== undefined) continue;
    missing.push(representation);
    places.push(index);
  }
  if (keyOf === undefined) throw new TypeError('A part of a fetch has no keys');
  return { part, found, missing, places, keyOf };
}
