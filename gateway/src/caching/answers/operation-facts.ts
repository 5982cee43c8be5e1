import { hash } from 'node:crypto';
import {
  Kind,
  print,
  visit,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
} from 'graphql';
import type { PreparedOperation } from '../../execution/prepared-operation.js';
import type { CachePolicy, CacheScopeName } from '../policy/cache-policy.js';

/** Longer variables (JSON) are not worth a key. */
const maxVariablesCharacters = 8_192;

/** What caching knows about one prepared operation, and has learned about its answers. */
export class OperationFacts {
  /** Of the operation's normalised text and its supergraph. */
  readonly digest: string;
  readonly #variableNames: readonly string[];
  /** The scopes that answers have had so far; whether there has been one at all. */
  readonly #scopes = new Set<CacheScopeName>();
  #isKnown = false;

  constructor({ document, operation }: PreparedOperation, supergraphId: string) {
    this.digest = hash('sha256', `${supergraphId}\n${normalise(document, operation)}`, 'base64url');
    this.#variableNames = (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
  }

  /** JSON text of the variables that the operation has, in its order; undefined for too much of it. */
  writeVariables(given: Readonly<Record<string, unknown>> | undefined): string | undefined {
    if (given === undefined || this.#variableNames.length === 0) return '{}';
    let text = '';
    for (const name of this.#variableNames) {
      const value = Object.hasOwn(given, name) ? JSON.stringify(given[name]) : undefined;
      if (value !== undefined) text += `${text === '' ? '' : ','}"${name}":${value}`;
    }
    return text.length > maxVariablesCharacters ? undefined : `{${text}}`;
  }

  learn({ maxAgeSeconds, scope }: CachePolicy): void {
    this.#isKnown = true;
    if (maxAgeSeconds > 0) this.#scopes.add(scope);
  }

  /** Under which of some scopes an answer may be kept: as long as nothing is known, under any. */
  scopesAmong(allowed: readonly CacheScopeName[]): readonly CacheScopeName[] {
    return this.#isKnown ? allowed.filter((scope) => this.#scopes.has(scope)) : allowed;
  }
}

/** The text of the operation alone: whatever else stands in its document, however it is written there. */
function normalise(document: DocumentNode, operation: OperationDefinitionNode): string {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const used = new Map<string, FragmentDefinitionNode>();
  const collect = (node: OperationDefinitionNode | FragmentDefinitionNode): void => {
    visit(node, {
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (fragment === undefined || used.has(name.value)) return;
        used.set(name.value, fragment);
        collect(fragment);
      },
    });
  };
  collect(operation);
  const parts = [...used.values()].sort((one, other) => (one.name.value < other.name.value ? -1 : 1));
  return [operation, ...parts].map((definition) => print(definition)).join('\n');
}
