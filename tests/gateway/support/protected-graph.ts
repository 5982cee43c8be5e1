import { loadGatewayConfig } from '@tessera/gateway/config';
import { createGateway, type Gateway } from '@tessera/gateway/gateway';
import type { GrantPolicies } from '@tessera/gateway/guards/authorization/authorization';
import type { FormattedExecutionResult } from 'graphql';
import { composeSubgraphs, type SubgraphText } from '../../support/compose-subgraphs.js';
import { startFakeSubgraph, type FakeSubgraph, type Resolvers } from '../../support/fake-subgraph.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { startStreamingSubgraph } from '../../support/streaming-subgraph.js';
import { startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.js';

export interface ProtectedSubgraph {
  readonly typeDefs: string;
  readonly resolvers: Resolvers;
  /** Has subscriptions; its requests are not recorded. */
  readonly streams?: boolean;
}

export interface ProtectedGraphOptions {
  readonly subgraphs: Readonly<Record<string, ProtectedSubgraph>>;
  readonly unauthorizedFields?: 'null' | 'reject';
  readonly grantPolicies?: GrantPolicies;
  /** What older compositions wrote. */
  readonly changeSupergraph?: (sdl: string) => string;
}

/** Who asks; nobody is anonymous. */
export interface TestCaller {
  readonly scope?: string;
  readonly roles?: string[];
}

/** A gateway before subgraphs whose schema says who may see what. */
export interface ProtectedGraph {
  readonly gateway: Gateway;
  readonly supergraphSdl: string;
  readonly issuer: TokenIssuer;
  readonly socketUrl: string;
  subgraph(name: string): FakeSubgraph;
  /** The texts that a subgraph was asked for since the last time. */
  asked(name: string): string;
  ask(
    query: string,
    caller?: TestCaller,
    variables?: object,
  ): Promise<FormattedExecutionResult & { readonly status: number }>;
  close(): Promise<void>;
}

/** Imports every directive that the tests use by its own name. */
export const plainImports =
  '"@key", "@shareable", "@external", "@requires", "@provides", "@inaccessible", "@interfaceObject", "@context", ' +
  '"@fromContext", "@authenticated", "@requiresScopes", "@policy"';

export function federationHeader(imports = plainImports): string {
  return `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${imports}])`;
}

/** Starts subgraphs, an issuer of tokens, and the gateway. */
export async function startProtectedGraph(options: ProtectedGraphOptions): Promise<ProtectedGraph> {
  const leftovers = createLeftovers();
  const issuer = await startTokenIssuer();
  leftovers.defer('issuer', () => issuer.close());
  const fakes = new Map<string, FakeSubgraph>();
  const services: SubgraphText[] = [];
  for (const [name, { typeDefs, resolvers, streams = false }] of Object.entries(options.subgraphs)) {
    const sdl = typeDefs.includes('@link(') ? typeDefs : `${federationHeader()}\n${typeDefs}`;
    const started = streams
      ? await startStreamingSubgraph({ typeDefs: sdl, resolvers })
      : await startFakeSubgraph(sdl, resolvers);
    leftovers.defer(name, () => started.close());
    if ('answerNext' in started) fakes.set(name, started);
    services.push({ name, url: started.url, typeDefs: sdl });
  }
  const supergraphSdl = composeSubgraphs(services);
  const gateway = await createGateway({
    config: loadGatewayConfig({
      PORT: '0',
      INTERNAL_PORT: '0',
      HOST: '127.0.0.1',
      DRAIN_DELAY_MS: '0',
      JWKS_URL: issuer.jwksUrl,
      PLAN_TIMEOUT_MS: '20000',
      INTROSPECTION: 'true',
      UNAUTHORIZED_FIELDS: options.unauthorizedFields ?? 'null',
    }),
    supergraphSdl: options.changeSupergraph?.(supergraphSdl) ?? supergraphSdl,
    logger: quietLogger(),
    ...(options.grantPolicies === undefined ? {} : { grantPolicies: options.grantPolicies }),
  });
  leftovers.defer('gateway', () => gateway.stop());
  const url = `http://127.0.0.1:${gateway.port}/graphql`;

  function subgraph(name: string): FakeSubgraph {
    const found = fakes.get(name);
    if (found === undefined) throw new Error(`No subgraph that records its requests is called ${name}`);
    return found;
  }

  return {
    gateway,
    supergraphSdl,
    issuer,
    socketUrl: url.replace('http', 'ws'),
    subgraph,
    asked(name) {
      const text = subgraph(name)
        .requests.map(({ query }) => query)
        .join('\n');
      subgraph(name).forgetRequests();
      return text;
    },
    async ask(query, caller, variables) {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json',
          ...(caller === undefined ? {} : { authorization: `Bearer ${await issuer.issue(caller)}` }),
        },
        body: JSON.stringify({ query, variables }),
      });
      return { ...((await response.json()) as FormattedExecutionResult), status: response.status };
    },
    close: () => leftovers.close(),
  };
}
