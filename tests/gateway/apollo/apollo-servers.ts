import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { TesseraGateway } from '@tessera/gateway/apollo/tessera-gateway';
import type { GraphQLFormattedError } from 'graphql';
import { startFakeSubgraph, type FakeSubgraph } from '../../support/fake-subgraph.js';
import { createLeftovers } from '../../support/leftovers.js';
import { compose, federationLink, type SubgraphDefinition } from '../support/federation.js';

type ApolloOptions = ConstructorParameters<typeof ApolloGateway>[0] & object;
type Hooks = Pick<ApolloOptions, 'buildService'>;

export type GatewayName = 'ApolloGateway' | 'TesseraGateway';
export const gatewayNames: readonly GatewayName[] = ['ApolloGateway', 'TesseraGateway'];

export interface ServerAnswer {
  readonly data: unknown;
  readonly errors: readonly GraphQLFormattedError[] | undefined;
  readonly extensions: unknown;
  readonly status: number | undefined;
  readonly cacheControl: string | undefined;
}

/** Subgraphs on real HTTP servers, and Apollo Servers before them. */
export interface ApolloServers {
  readonly supergraphSdl: string;
  subgraph(name: string): FakeSubgraph;
  open(name: GatewayName, options?: Hooks & { readonly plugins?: ApolloServerPlugin[] }): Promise<OpenServer>;
  close(): Promise<void>;
}

export interface OpenServer {
  ask(query: string, variables?: Record<string, unknown>): Promise<ServerAnswer>;
  stop(): Promise<void>;
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Starts the subgraphs. */
export async function startApolloServers(
  definitions: Readonly<Record<string, SubgraphDefinition>>,
): Promise<ApolloServers> {
  process.env['APOLLO_TELEMETRY_DISABLED'] = '1';
  const leftovers = createLeftovers();
  const running = new Map<string, FakeSubgraph>();
  const services: Record<string, { typeDefs: string; url: string }> = {};
  for (const [name, { typeDefs, resolvers }] of Object.entries(definitions)) {
    const subgraph = await startFakeSubgraph(`${federationLink}\n${typeDefs}`, resolvers);
    leftovers.defer(name, () => subgraph.close());
    running.set(name, subgraph);
    services[name] = { typeDefs, url: subgraph.url };
  }
  const supergraphSdl = compose(services);

  return {
    supergraphSdl,
    subgraph(name) {
      const found = running.get(name);
      if (found === undefined) throw new Error(`No subgraph is called ${name}`);
      return found;
    },
    async open(name, { plugins = [], ...hooks } = {}) {
      const options = { supergraphSdl, logger: silent, ...hooks };
      const gateway = name === 'ApolloGateway' ? new ApolloGateway(options) : new TesseraGateway(options);
      const opened = await openServer(gateway, plugins);
      leftovers.defer('server', () => opened.stop());
      return opened;
    },
    close: () => leftovers.close(),
  };
}

/** Starts an Apollo Server over a gateway. */
export async function openServer(
  gateway: ApolloGateway | TesseraGateway,
  plugins: ApolloServerPlugin[] = [],
): Promise<OpenServer> {
  const server = new ApolloServer({ gateway, plugins, logger: silent, includeStacktraceInErrorResponses: false });
  await server.start();
  return {
    async ask(query, variables = {}) {
      const { body, http } = await server.executeOperation({ query, variables });
      if (body.kind !== 'single') throw new Error('The answer is incremental');
      const { data, errors, extensions } = JSON.parse(JSON.stringify(body.singleResult)) as ServerAnswer;
      return { data, errors, extensions, status: http.status, cacheControl: http.headers.get('cache-control') };
    },
    stop: () => server.stop(),
  };
}
