import { hash } from 'node:crypto';
import { print } from 'graphql';
import type { RequestContext } from '../../context.js';
import type { ResultTree } from '../../execution/result-tree.js';
import type { SubgraphOperation } from '../../execution/subgraph-client.js';
import { CacheKey, CacheScope } from '../cache-key.js';
import type { CachePolicy, CacheScopeName } from '../policy/cache-policy.js';
import type { FetchDocument } from '../policy/fetch-document.js';
import type { FetchHints } from '../policy/fetch-hints.js';

/** One `_entities` field of a fetch, and what has been learned about its entities. */
export class EntityPart {
  readonly alias: string;
  readonly hints: FetchHints;
  /** Of what is selected of each entity, from which subgraph of which supergraph. */
  readonly #digest: string;
  readonly #scopes = new Set<CacheScopeName>();
  #isKnown = false;

  constructor(
    alias: string,
    hints: FetchHints,
    operation: SubgraphOperation,
    document: FetchDocument,
    supergraphId: string,
  ) {
    this.alias = alias;
    this.hints = hints;
    const field = document.rootFields.find(({ name, alias: given }) => (given ?? name).value === alias);
    const selection = field?.selectionSet === undefined ? '' : print(field.selectionSet);
    const fragments = [...document.fragments.values()].map((fragment) => print(fragment)).sort();
    const text = [supergraphId, operation.subgraph, selection, ...fragments].join('\n');
    this.#digest = hash('sha256', text, 'base64url');
  }

  learn({ maxAgeSeconds, scope }: CachePolicy): void {
    this.#isKnown = true;
    if (maxAgeSeconds > 0) this.#scopes.add(scope);
  }

  /** Under which of some scopes entities may be kept: as long as nothing is known, under any. */
  scopesAmong(kept: readonly CacheScopeName[]): readonly CacheScopeName[] {
    const allowed = this.hints.isGuarded ? kept.filter((scope) => scope === 'private') : kept;
    return this.#isKnown ? allowed.filter((scope) => this.#scopes.has(scope)) : allowed;
  }

  /** Makes keys for one caller's entities. @param variables that all of them depend on, JSON */
  keyer(scope: CacheScopeName, context: RequestContext, variables: string): (representation: ResultTree) => CacheKey {
    const cacheScope = CacheScope.of(scope, context);
    return (representation) => CacheKey.of(cacheScope, this.#digest, variables, JSON.stringify(representation));
  }
}
