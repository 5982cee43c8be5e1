import { randomUUID } from 'node:crypto';
import { loadGatewayConfig } from '@tessera/gateway/config';
import { createGateway, type Gateway, type GatewayAdapters } from '@tessera/gateway/gateway';
import type { FormattedExecutionResult } from 'graphql';
import { composeSubgraphs } from '../../support/compose-subgraphs.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.js';
import {
  catalogTypeDefs,
  libraryResolvers,
  reviewsTypeDefs,
  startLibrarySubgraph,
  type LibraryData,
  type LibrarySubgraph,
} from './library-subgraphs.js';

export type Environment = Readonly<Record<string, string>>;

export interface LibraryAnswer extends FormattedExecutionResult {
  readonly status: number;
  readonly headers: Headers;
  /** What `x-cache` says. */
  readonly origin: string | null;
}

export interface AskOptions {
  readonly token?: string | undefined;
  readonly variables?: object;
  readonly operationName?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly extensions?: object;
  /** Default POST. */
  readonly method?: 'GET' | 'POST';
}

/** One gateway before the library. */
export interface LibraryGateway {
  readonly gateway: Gateway;
  readonly url: string;
  ask(query: string, options?: AskOptions): Promise<LibraryAnswer>;
  /** What stands at the internal port's `/metrics` under a name and labels. */
  metric(name: string, labels: string): Promise<number>;
  invalidate(body: unknown, secret?: string): Promise<Response>;
}

/** Two subgraphs that hint at caching, and gateways before them. */
export interface Library {
  readonly data: LibraryData;
  readonly catalog: LibrarySubgraph;
  readonly reviews: LibrarySubgraph;
  readonly issuer: TokenIssuer;
  readonly supergraphSdl: string;
  open(environment?: Environment, adapters?: Partial<GatewayAdapters>): Promise<LibraryGateway>;
  /** Tokens of one person, alike but for their sessions unless said otherwise. */
  signIn(claims?: { readonly sub?: string; readonly tid?: string; readonly roles?: string[] }): Promise<string>;
  close(): Promise<void>;
}

export const invalidationSecret = 'the-secret-of-those-who-invalidate';

/** Starts subgraphs and an issuer; everything is kept that may be, unless a test says otherwise. */
export async function startLibrary(changeSupergraph = (sdl: string): string => sdl): Promise<Library> {
  const leftovers = createLeftovers();
  const data: LibraryData = {
    titles: { '1': 'Dune', '2': 'Emma', '3': 'Ilium' },
    ratings: { '1': 4.5, '2': 4, '3': 3.5 },
  };
  const resolvers = libraryResolvers(data);
  const catalog = await startLibrarySubgraph(catalogTypeDefs, resolvers.catalog);
  leftovers.defer('catalog', () => catalog.close());
  const reviews = await startLibrarySubgraph(reviewsTypeDefs, resolvers.reviews);
  leftovers.defer('reviews', () => reviews.close());
  const issuer = await startTokenIssuer();
  leftovers.defer('issuer', () => issuer.close());
  const supergraphSdl = changeSupergraph(composeLibrary({ catalog, reviews }));

  return {
    data,
    catalog,
    reviews,
    issuer,
    supergraphSdl,
    async open(environment = {}, adapters = {}) {
      const gateway = await createGateway({
        config: loadGatewayConfig({
          PORT: '0',
          INTERNAL_PORT: '0',
          HOST: '127.0.0.1',
          DRAIN_DELAY_MS: '0',
          JWKS_URL: issuer.jwksUrl,
          PRINCIPAL_SECRET: 'a-secret-between-gateway-and-subgraphs',
          RATE_LIMITS: 'none',
          PLAN_TIMEOUT_MS: '10000',
          SUBGRAPH_TIMEOUT_MS: '25000',
          ANSWER_CACHE: 'private',
          CACHE_HINT_HEADER: 'true',
          CACHE_INVALIDATION_SECRET: invalidationSecret,
          ...environment,
        }),
        supergraphSdl,
        logger: quietLogger(),
        adapters,
      });
      leftovers.defer('gateway', () => gateway.stop());
      return describeGateway(gateway);
    },
    signIn: ({ sub = randomUUID(), ...claims } = {}) => issuer.issue({ sub, ...claims }),
    close: () => leftovers.close(),
  };
}

export function composeLibrary(subgraphs: Readonly<Record<string, { typeDefs: string; url: string }>>): string {
  return composeSubgraphs(Object.entries(subgraphs).map(([name, subgraph]) => ({ name, ...subgraph })));
}

function describeGateway(gateway: Gateway): LibraryGateway {
  const url = `http://127.0.0.1:${gateway.port}/graphql`;
  const internal = `http://127.0.0.1:${gateway.internalPort}`;
  return {
    gateway,
    url,
    async ask(query, { token, headers = {}, method = 'POST', ...rest } = {}) {
      const given = { query, ...rest };
      const search = new URLSearchParams(
        Object.entries(given).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
      );
      const response = await fetch(method === 'GET' ? `${url}?${search}` : url, {
        method,
        headers: {
          ...(method === 'POST' && { 'content-type': 'application/json' }),
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...headers,
        },
        ...(method === 'POST' && { body: JSON.stringify(given) }),
      });
      const text = await response.text();
      const body = text === '' ? {} : (JSON.parse(text) as FormattedExecutionResult);
      return { ...body, status: response.status, headers: response.headers, origin: response.headers.get('x-cache') };
    },
    async metric(name, labels) {
      const text = await (await fetch(`${internal}/metrics`)).text();
      const line = text.split('\n').find((candidate) => candidate.startsWith(`${name}{`) && candidate.includes(labels));
      return Number(line?.split(' ').at(-1) ?? 0);
    },
    invalidate: (body, secret = invalidationSecret) =>
      fetch(`${internal}/cache/invalidate`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
        body: JSON.stringify(body),
      }),
  };
}
