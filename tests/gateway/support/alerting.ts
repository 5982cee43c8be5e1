import { buildSubgraphSchema } from '@apollo/subgraph';
import { GraphQLError, parse, type GraphQLSchema } from 'graphql';
import type { Resolvers } from '../../support/fake-subgraph.js';
import {
  createTopic,
  startStreamingSubgraph,
  type StreamingSubgraph,
  type Topic,
} from '../../support/streaming-subgraph.js';

export interface AlertMessage {
  readonly status: string;
  readonly userId: string;
}

/** Two subgraphs: one knows people, the other sends alerts about them. */
export interface Alerting {
  readonly people: StreamingSubgraph;
  readonly alerts: StreamingSubgraph;
  readonly alertTopic: Topic<AlertMessage>;
  /** Lets queries of `slow` that wait be answered. */
  releaseSlow(): void;
  close(): Promise<void>;
}

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])';

const peopleTypes = `${link}
  type Query {
    person(id: ID!): Person
    people: [Person!]!
    whoAmI: String
    header(name: String!): String
    slow: String
    fails: String
  }
  type Mutation { rename(id: ID!, name: String!): Person }
  type Person @key(fields: "id") { id: ID! name: String! friends: [Person!]! }
`;

const alertTypes = `${link}
  type Query { openAlerts: Int! }
  type Subscription { alerts: Alert! countTo(last: Int!): Int! refused: Int }
  type Alert { status: String! person: Person! }
  type Person @key(fields: "id", resolvable: false) { id: ID! }
`;

const person = (id: string) => ({
  id,
  name: `Name of ${id}`,
  friends: () => [{ id: 'f', name: 'Friend', friends: [] }],
});

/** What answers for alerts. */
function alertResolvers(alertTopic: Topic<AlertMessage>): Resolvers {
  return {
    Query: { openAlerts: () => 3 },
    Subscription: {
      alerts: {
        subscribe: () => alertTopic.listen(),
        resolve: ({ status, userId }: AlertMessage) => ({ status, person: { id: userId } }),
      },
      countTo: {
        async *subscribe(_source: unknown, { last }: { last: number }) {
          for (let count = 1; count <= last; count += 1) yield { countTo: count };
        },
      },
      refused: {
        subscribe: () => {
          throw new GraphQLError('Not for you', { extensions: { code: 'FORBIDDEN' } });
        },
      },
    },
  };
}

/** Alerts as any server of GraphQL may have them. */
export function buildAlertSchema(alertTopic: Topic<AlertMessage>): GraphQLSchema {
  return buildSubgraphSchema({ typeDefs: parse(alertTypes), resolvers: alertResolvers(alertTopic) });
}

/** Starts both subgraphs; their SDL is in `alertingTypes`. */
export async function startAlerting(): Promise<Alerting> {
  const alertTopic = createTopic<AlertMessage>();
  const waiting = new Set<() => void>();
  const people = await startStreamingSubgraph({
    typeDefs: peopleTypes,
    resolvers: {
      Query: {
        person: (_source: unknown, { id }: { id: string }) => person(id),
        people: () => [person('p1'), person('p2')],
        whoAmI: (_source: unknown, _values: unknown, headers: unknown) => {
          const encoded = (headers as Record<string, string>)['x-tessera-principal'];
          return encoded === undefined ? null : Buffer.from(encoded, 'base64url').toString();
        },
        header: (_source: unknown, { name }: { name: string }, headers: unknown) =>
          (headers as Record<string, string>)[name],
        slow: () => new Promise((resolve) => waiting.add(() => resolve('done'))),
        fails: () => {
          throw new GraphQLError('No such thing', { extensions: { code: 'NOT_FOUND' } });
        },
      },
      Mutation: { rename: (_source: unknown, { id, name }: { id: string; name: string }) => ({ id, name }) },
      Person: { __resolveReference: ({ id }: { id: string }) => person(id) },
    },
  });
  const alerts = await startStreamingSubgraph({ typeDefs: alertTypes, resolvers: alertResolvers(alertTopic) });
  return {
    people,
    alerts,
    alertTopic,
    releaseSlow() {
      for (const release of waiting) release();
      waiting.clear();
    },
    async close() {
      await Promise.all([people.close(), alerts.close()]);
    },
  };
}

/** The subgraphs as composition takes them. */
export function alertingServices({ people, alerts }: Alerting) {
  return [
    { name: 'people', url: people.url, typeDefs: peopleTypes },
    { name: 'alerts', url: alerts.url, typeDefs: alertTypes },
  ];
}
