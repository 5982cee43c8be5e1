import { composeServices } from '@apollo/composition';
import { loadGatewayConfig } from '@tessera/gateway/config';
import { createGateway, type Gateway } from '@tessera/gateway/gateway';
import type { GrantPolicies } from '@tessera/gateway/guards/authorization/authorization';
import { principalSchema, type AccessTokenClaims, type Principal } from '@tessera/service/identity';
import { parse } from 'graphql';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import {
  createTopic,
  startStreamingSubgraph,
  type StreamingSubgraph,
  type Topic,
} from '../../support/streaming-subgraph.js';
import { startTokenIssuer } from '../../support/token-issuer.js';
import { openRawSocket, type RawSocket } from './raw-socket.js';

/** A gateway that knows its callers, before a subgraph that streams and one that completes what was streamed. */
export interface TenantStreams {
  readonly gateway: Gateway;
  readonly streams: StreamingSubgraph;
  readonly people: StreamingSubgraph;
  /** What is published here is an event of all fields. */
  readonly ticks: Topic<Tick>;
  readonly url: string;
  /** Opens a socket of somebody. */
  signIn(claims?: Partial<AccessTokenClaims>, more?: Readonly<Record<string, unknown>>): Promise<RawSocket>;
  metric(name: string): Promise<number>;
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
  const issuer = await startTokenIssuer();
  leftovers.defer('issuer', () => issuer.close());
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
  const { supergraphSdl, errors } = composeServices([
    { name: 'streams', url: streams.url, typeDefs: parse(streamTypes) },
    { name: 'people', url: people.url, typeDefs: parse(peopleTypes) },
  ]);
  if (supergraphSdl === undefined) throw new Error(errors?.map(({ message }) => message).join('\n'));
  const gateway = await createGateway({
    config: loadGatewayConfig({
      PORT: '0',
      INTERNAL_PORT: '0',
      HOST: '127.0.0.1',
      DRAIN_DELAY_MS: '0',
      RATE_LIMITS: 'none',
      JWKS_URL: issuer.jwksUrl,
      PRINCIPAL_SECRET: principalSecret,
      ...options.environment,
    }),
    supergraphSdl,
    logger: quietLogger(),
    ...(options.grantPolicies !== undefined && { grantPolicies: options.grantPolicies }),
  });
  leftovers.defer('gateway', () => gateway.stop());
  const url = `http://127.0.0.1:${gateway.port}/graphql`;
  return {
    gateway,
    streams,
    people,
    ticks,
    url,
    async signIn(claims, more = {}) {
      const socket = await openRawSocket(url.replace('http', 'ws'));
      leftovers.defer('socket', () => socket.socket.terminate());
      await socket.initialise({ authorization: `Bearer ${await issuer.issue(claims)}`, ...more });
      return socket;
    },
    async metric(name) {
      const text = await (await fetch(`http://127.0.0.1:${gateway.internalPort}/metrics`)).text();
      return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
    },
    close: () => leftovers.close(),
  };
}
