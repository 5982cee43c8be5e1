import type { GrantPolicies } from '@tessera/gateway/guards/authorization/authorization';
import { principalSchema, type Principal } from '@tessera/service/identity';
import { createLeftovers } from '../../support/leftovers.js';
import {
  createTopic,
  startStreamingSubgraph,
  type StreamingSubgraph,
  type Topic,
} from '../../support/streaming-subgraph.js';
import { startGatewayWithCallers, type GatewayWithCallers } from './gateway-with-callers.js';

/** A gateway that knows its callers, before a subgraph that streams and one that completes what was streamed. */
export interface TenantStreams extends GatewayWithCallers {
  readonly streams: StreamingSubgraph;
  readonly people: StreamingSubgraph;
  /** What is published here is an event of all fields. */
  readonly ticks: Topic<Tick>;
  close(): Promise<void>;
}

export interface Tick {
  readonly value: number;
  /** Characters of `filling`. */
  readonly size?: number;
}

export interface TenantStreamsOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly grantPolicies?: GrantPolicies;
  /** The subgraph that streams verifies each stream's principal; otherwise the connection's is all it knows. */
  readonly provesStreams?: boolean;
}

const header =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@policy", "@composeDirective"])';

const streamTypes = `${header}
  extend schema
    @link(url: "https://specs.tessera.dev/delivery/v1.0", import: ["@delivery"])
    @composeDirective(name: "@delivery")
  directive @delivery(sharedBy: String! = "principal", whenBehind: String! = "close") on FIELD_DEFINITION
  type Query { nothing: Int }
  type Subscription {
    mine(of: String): Tick!
    ofTenant: Tick! @delivery(sharedBy: "tenant")
    state: Tick! @delivery(sharedBy: "tenant", whenBehind: "latest")
    apart: Tick! @delivery(sharedBy: "nobody")
  }
  type Tick { value: Int! openedBy: String filling: String secret: String @policy(policies: [["trusted"]]) seenBy: Viewer! }
  type Viewer @key(fields: "id", resolvable: false) { id: ID! }
`;

const peopleTypes = `${header}
  type Query { nobody: Int }
  type Viewer @key(fields: "id") { id: ID! name: String }
`;

const principalSecret = 'a secret that gateway and subgraphs share';

/** Who asks, as the gateway has said it. */
function principalOf(context: unknown): Principal {
  const encoded = (context as Readonly<Record<string, string>>)['x-tessera-principal'] ?? '';
  return principalSchema.parse(JSON.parse(Buffer.from(encoded, 'base64url').toString()));
}

/** Starts everything on free ports. */
export async function startTenantStreams(options: TenantStreamsOptions = {}): Promise<TenantStreams> {
  const leftovers = createLeftovers();
  const ticks = createTopic<Tick>();
  const field = { subscribe: () => ticks.listen(), resolve: (tick: Tick) => tick };
  const streams = await startStreamingSubgraph({
    typeDefs: streamTypes,
    ...(options.provesStreams === true && { proof: { secret: principalSecret, subgraph: 'streams' } }),
    resolvers: {
      Subscription: { mine: field, ofTenant: field, state: field, apart: field },
      Tick: {
        openedBy: (_tick: unknown, _values: unknown, context: unknown) => principalOf(context).userId,
        filling: ({ size = 0 }: Tick) => 'x'.repeat(size),
        secret: () => 'a secret',
        seenBy: () => ({ id: 'whoever asks' }),
      },
    },
  });
  leftovers.defer('streams', () => streams.close());
  const people = await startStreamingSubgraph({
    typeDefs: peopleTypes,
    resolvers: {
      Viewer: {
        __resolveReference: (viewer: object) => viewer,
        name: (_viewer: unknown, _values: unknown, context: unknown) => principalOf(context).userId,
      },
    },
  });
  leftovers.defer('people', () => people.close());
  const gateway = await startGatewayWithCallers(
    {
      environment: { PRINCIPAL_SECRET: principalSecret, ...options.environment },
      subgraphs: [
        { name: 'streams', url: streams.url, typeDefs: streamTypes },
        { name: 'people', url: people.url, typeDefs: peopleTypes },
      ],
      ...(options.grantPolicies !== undefined && { grantPolicies: options.grantPolicies }),
    },
    leftovers,
  );
  return { ...gateway, streams, people, ticks, close: () => leftovers.close() };
}
