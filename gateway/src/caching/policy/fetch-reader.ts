import type { SubgraphAnswer, SubgraphOperation } from '../../execution/subgraph-client.js';
import { collectTags } from '../tags/collect-tags.js';
import { customTag } from '../tags/tag-names.js';
import type { TagSink } from '../tags/tag-set.js';
import { readCacheHeaders } from './cache-headers.js';
import type { CachePolicy } from './cache-policy.js';
import type { CacheSchema } from './cache-schema.js';
import { createFetchDocuments, type FindFetchDocument } from './fetch-document.js';
import type { FetchHints } from './fetch-hints.js';
import { policyOf, type PolicyLimits } from './fetch-policy.js';

/** Reads answers of subgraphs, by one supergraph. */
export interface FetchReader {
  readonly find: FindFetchDocument;
  /** @param hints of a part of the fetch; default all of it */
  policy(operation: SubgraphOperation, answer: SubgraphAnswer, hints?: FetchHints): CachePolicy;
  /** @param variables JSON text */
  collectTags(operation: SubgraphOperation, variables: string | undefined, answer: SubgraphAnswer, tags: TagSink): void;
}

/** Creates the reader. */
export function createFetchReader(schema: CacheSchema, limits: PolicyLimits): FetchReader {
  const find = createFetchDocuments(schema);
  return {
    find,
    policy(operation, { exchange }, hints = find(operation).hints) {
      return policyOf(hints, exchange === undefined ? undefined : readCacheHeaders(exchange.headers), limits);
    },
    collectTags(operation, variables, { data, exchange }, tags) {
      const given = schema.tagFormats.size > 0 && variables !== undefined ? (JSON.parse(variables) as object) : {};
      collectTags(find(operation), data ?? {}, { ...given }, schema, tags);
      if (exchange === undefined) return;
      for (const name of readCacheHeaders(exchange.headers).tags) tags.add(customTag(name));
    },
  };
}
