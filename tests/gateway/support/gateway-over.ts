import { loadGatewayConfig } from '@tessera/gateway/config';
import { createGateway, type Gateway } from '@tessera/gateway/gateway';
import type { SupergraphSource } from '@tessera/gateway/planning/supergraph-source';
import type { Logger } from '@tessera/service/logging';
import { request, type Dispatcher } from 'undici';
import type { FormattedExecutionResult } from 'graphql';
import { startFakeSubgraph, type FakeSubgraph } from '../../support/fake-subgraph.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { compose, federationLink, type SubgraphDefinition } from './federation.js';

export interface GatewayOverOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly supergraphSource?: SupergraphSource;
  readonly logger?: Logger;
  /** Where subgraphs really are, by their names. */
  readonly subgraphUrls?: ReadonlyMap<string, readonly string[]>;
}

/** A whole gateway before subgraphs of a test's own. */
export interface GatewayOver {
  readonly gateway: Gateway;
  readonly url: string;
  readonly supergraphSdl: string;
  subgraph(name: string): FakeSubgraph;
  close(): Promise<void>;
}

/** Subgraphs on real HTTP servers, and what composes of them. */
export interface ComposedSubgraphs {
  readonly supergraphSdl: string;
  readonly subgraphs: ReadonlyMap<string, FakeSubgraph>;
  close(): Promise<void>;
}

export async function startSubgraphs(
  definitions: Readonly<Record<string, SubgraphDefinition>>,
): Promise<ComposedSubgraphs> {
  const subgraphs = new Map<string, FakeSubgraph>();
  const sources: Record<string, { typeDefs: string; url: string }> = {};
  for (const [name, { typeDefs, resolvers }] of Object.entries(definitions)) {
    const subgraph = await startFakeSubgraph(`${federationLink}\n${typeDefs}`, resolvers);
    subgraphs.set(name, subgraph);
    sources[name] = { typeDefs, url: subgraph.url };
  }
  return {
    supergraphSdl: compose(sources),
    subgraphs,
    close: async () => void (await Promise.all([...subgraphs.values()].map((subgraph) => subgraph.close()))),
  };
}

/** Starts the subgraphs and a gateway, all on free ports. */
export async function startGatewayOver(
  definitions: Readonly<Record<string, SubgraphDefinition>>,
  options: GatewayOverOptions = {},
): Promise<GatewayOver> {
  const leftovers = createLeftovers();
  const { supergraphSdl, subgraphs, close } = await startSubgraphs(definitions);
  leftovers.defer('subgraphs', close);
  const gateway = await createGateway({
    config: loadGatewayConfig({ PORT: '0', HOST: '127.0.0.1', DRAIN_DELAY_MS: '0', ...options.environment }),
    supergraphSdl,
    logger: options.logger ?? quietLogger(),
    ...(options.supergraphSource === undefined ? {} : { supergraphSource: options.supergraphSource }),
    ...(options.subgraphUrls === undefined ? {} : { subgraphUrls: options.subgraphUrls }),
  });
  leftovers.defer('gateway', () => gateway.stop());
  return {
    gateway,
    url: `http://127.0.0.1:${gateway.port}/graphql`,
    supergraphSdl,
    subgraph(name) {
      const found = subgraphs.get(name);
      if (found === undefined) throw new Error(`No subgraph is called ${name}`);
      return found;
    },
    close: () => leftovers.close(),
  };
}

/** Sends an operation to a gateway, and reads its answer. */
export async function ask(url: string, query: string, dispatcher?: Dispatcher): Promise<FormattedExecutionResult> {
  const answer = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    ...(dispatcher === undefined ? {} : { dispatcher }),
  });
  return (await answer.body.json()) as FormattedExecutionResult;
}
