import { booleanField, countField, secretsField } from '@tessera/service/config';
import { z } from 'zod';

const positiveCountField = z.coerce.number().int().positive();

/** What an event says about what has changed: `tenant.renamed` -> the Tenant whose `id` is the payload's `tenantId`. */
export interface EventChange {
  readonly event: string;
  readonly change:
    | { readonly kind: 'entity'; readonly type: string; readonly keyField: string; readonly payloadField: string }
    | { readonly kind: 'type'; readonly type: string }
    | { readonly kind: 'tag'; readonly tag: string };
}

/** Settings of the caching room; by default nothing is kept, and nobody is told that it may be. */
export const cachingFields = {
  /**
   * Which whole answers are kept: `public` ones, or `private` ones too, each for its caller alone. `headers`: none, but
   * clients and CDNs are told what they may keep.
   */
  ANSWER_CACHE: z.enum(['off', 'headers', 'public', 'private']).default('off'),
  /** Which entities are kept, each by itself. */
  ENTITY_CACHE: z.enum(['off', 'public', 'private']).default('off'),
  /** The longest that anything is kept, whatever subgraphs say. */
  CACHE_MAX_AGE_SECONDS: positiveCountField.max(86_400).default(86_400),
  /** How long after its age an answer may still be given while it is asked for again, where a subgraph does not say. */
  CACHE_STALE_SECONDS: countField.default(0),
  /** And at most, whatever subgraphs say. */
  CACHE_MAX_STALE_SECONDS: countField.max(86_400).default(3_600),
  /** How long this process's memory is believed before Redis is asked again; without Redis it is all there is. */
  CACHE_MEMORY_SECONDS: positiveCountField.default(10),
  /** Memory of answers, and again as much of entities. */
  CACHE_MAX_ENTRIES: positiveCountField.default(10_000),
  CACHE_MAX_BYTES: positiveCountField.default(67_108_864),
  /** The scope of a hint that names none: Apollo's subgraphs mean `public`. */
  CACHE_DEFAULT_SCOPE: z.enum(['public', 'private']).default('private'),
  /** Whether entities that a mutation answers are forgotten, and what its caller was answered before. */
  CACHE_FOLLOW_MUTATIONS: booleanField.default(true),
  /** Tells a CDN by which names it may purge a public answer. */
  CACHE_TAG_HEADER: z.enum(['off', 'surrogate-key', 'cache-tag']).default('off'),
  /** Whether `x-cache` says `hit`, `stale` or `miss`. */
  CACHE_HINT_HEADER: booleanField.default(false),
  /** Lets its bearer invalidate by `POST /cache/invalidate` on the internal port. */
  CACHE_INVALIDATION_SECRET: secretsField.optional(),
  /** `tenant.renamed=Tenant.id:tenantId, plan.changed=Plan, post.written=#posts`: what events of the bus invalidate. */
  CACHE_INVALIDATION_EVENTS: z.string().default('').transform(parseEventChanges),
};

/** Whether anything is kept from one request to the next. */
export function keepsValues(config: Readonly<Record<'ANSWER_CACHE' | 'ENTITY_CACHE', string>>): boolean {
  return [config.ANSWER_CACHE, config.ENTITY_CACHE].some((kept) => kept === 'public' || kept === 'private');
}

const entityPattern = /^(\w+)\.(\w+):(\w+)$/;

function parseEventChanges(text: string, check: z.RefinementCtx): readonly EventChange[] {
  const entries = text.split(',').map((entry) => entry.trim());
  return entries
    .filter((entry) => entry !== '')
    .flatMap((entry): EventChange[] => {
      const [, event, target = ''] = /^([\w.-]+)\s*=\s*(\S+)$/.exec(entry) ?? [];
      if (event !== undefined) {
        const [, type, keyField, payloadField] = entityPattern.exec(target) ?? [];
        if (type !== undefined && keyField !== undefined && payloadField !== undefined) {
          return [{ event, change: { kind: 'entity', type, keyField, payloadField } }];
        }
        if (target.startsWith('#') && target.length > 1)
          return [{ event, change: { kind: 'tag', tag: target.slice(1) } }];
        if (/^\w+$/.test(target)) return [{ event, change: { kind: 'type', type: target } }];
      }
      check.addIssue({
        code: 'custom',
        message: 'must be a list of event=Type.keyField:payloadField, event=Type or event=#tag',
      });
      return [];
    });
}
