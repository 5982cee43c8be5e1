import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GatewayAdapters } from '@tessera/gateway/gateway';
import type { AccessTokenClaims } from '@tessera/service/identity';
import { parse, validate } from 'graphql';
import { startFakeSubgraph, type FakeSubgraph } from '../../support/fake-subgraph.js';
import { createLeftovers } from '../../support/leftovers.js';
import { startGatewayWithCallers } from './gateway-with-callers.js';
import type { RawSocket } from './raw-socket.js';

/** A gateway whose subscriptions are bound to channels and streams: neither of its subgraphs knows any protocol of streams. */
export interface EventGraph {
  readonly url: string;
  readonly orders: FakeSubgraph;
  readonly people: FakeSubgraph;
  /** Opens a socket of somebody. */
  signIn(claims?: Partial<AccessTokenClaims>): Promise<RawSocket>;
  metric(name: string): Promise<number>;
  /** What is wrong with the requests that orders had, by its own schema. */
  faultyRequests(): readonly string[];
  close(): Promise<void>;
}

const header = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@composeDirective"])`;

const orderTypes = `${header}
  @link(url: "https://specs.tessera.dev/events/v1.0", import: ["@events"])
  @composeDirective(name: "@events")
  @link(url: "https://specs.tessera.dev/delivery/v1.0", import: ["@delivery"])
  @composeDirective(name: "@delivery")
  directive @events(channel: String, stream: String, payload: String! = "value") on FIELD_DEFINITION
  directive @delivery(sharedBy: String! = "principal", whenBehind: String! = "close") on FIELD_DEFINITION
  type Query { nothing: Int }
  type Subscription {
    orderChanged(id: ID!): Order! @events(channel: "orders.{tenantId}.{args.id}", payload: "entity")
    ordersChanged: [Order]! @events(channel: "orders.{tenantId}", payload: "entity")
    priceChanged: Price! @events(channel: "prices.{tenantId}") @delivery(sharedBy: "tenant")
    noteChanged: Note! @events(stream: "notes.{userId}")
    found: Thing @events(channel: "found")
  }
  interface Thing { id: ID! }
  type Order implements Thing @key(fields: "id") {
    id: ID! status(upper: Boolean): String! total: Int buyer: Person! secret: String
  }
  type Note implements Thing { id: ID! text: String! }
  type Price { product: Product! cents: Int! history(last: Int): [Price!] }
  type Product { name: String! }
  type Person @key(fields: "id", resolvable: false) { id: ID! }
`;

const peopleTypes = `${header}
  type Query { nobody: Int }
  type Person @key(fields: "id") { id: ID! name: String! }
`;

export interface EventGraphOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly adapters?: Partial<GatewayAdapters>;
  /** Order -> its status; who is not in it is not there. */
  readonly statuses: ReadonlyMap<string, string>;
}

/** Starts everything on free ports. */
export async function startEventGraph({ environment, adapters, statuses }: EventGraphOptions): Promise<EventGraph> {
  const leftovers = createLeftovers();
  const orders = await startFakeSubgraph(orderTypes, {
    Order: {
      __resolveReference: ({ id }: { id: string }) => (statuses.has(id) ? { id } : null),
      status({ id }: { id: string }, { upper }: { upper?: boolean }) {
        const status = statuses.get(id) ?? '';
        return upper === true ? status.toUpperCase() : status;
      },
      total: () => 100,
      buyer: ({ id }: { id: string }) => ({ id: `buyer of ${id}` }),
      secret() {
        throw new Error('no secrets');
      },
    },
    Thing: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
  });
  leftovers.defer('orders', () => orders.close());
  const people = await startFakeSubgraph(peopleTypes, {
    Person: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `Name of ${id}` }) },
  });
  leftovers.defer('people', () => people.close());
  const { url, signIn, metric } = await startGatewayWithCallers(
    {
      environment,
      subgraphs: [
        { name: 'orders', url: orders.url, typeDefs: orderTypes },
        { name: 'people', url: people.url, typeDefs: peopleTypes },
      ],
      ...(adapters !== undefined && { adapters }),
    },
    leftovers,
  );
  return {
    url,
    orders,
    people,
    signIn,
    metric,
    faultyRequests() {
      const schema = buildSubgraphSchema({ typeDefs: parse(orderTypes) });
      return orders.requests.flatMap(({ query }) => validate(schema, parse(query)).map(({ message }) => message));
    },
    close: () => leftovers.close(),
  };
}
