import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginUsageReporting } from '@apollo/server/plugin/usageReporting';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { Report, type Trace } from '@apollo/usage-reporting-protobuf';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TesseraGateway } from '@tessera/gateway/apollo/tessera-gateway';
import { GraphQLError, parse } from 'graphql';
import { composeSubgraphs, type SubgraphText } from '../../support/compose-subgraphs.js';
import { eventually } from '../../support/eventually.js';
import { createLeftovers, type Leftovers } from '../../support/leftovers.js';
import { federationLink } from '../support/federation.js';

const logger = { debug() {}, info() {}, warn() {}, error() {} };
const definitions = {
  accounts: {
    typeDefs: 'type Query { me: User  user(id: ID!): User } type User @key(fields: "id") { id: ID!  name: String }',
    resolvers: {
      Query: { me: () => ({ id: '1' }), user: (_parent: unknown, { id }: { id: string }) => ({ id }) },
      User: { name: () => 'Ada' },
    },
  },
  reviews: {
    typeDefs: `type Mutation { review: Review } type Review { body: String }
      type User @key(fields: "id") { id: ID!  reviews: [Review]  secret: String }`,
    resolvers: {
      Mutation: { review: () => ({ body: 'Good' }) },
      User: {
        reviews: () => [{ body: 'Good' }, { body: 'Bad' }],
        secret() {
          throw new GraphQLError('Not yours');
        },
      },
    },
  },
};

let leftovers: Leftovers;
let supergraphSdl: string;
let endpointUrl: string;
let reports: Report[];

/** Subgraphs as Apollo's users have them: Apollo Server traces in them by itself. */
beforeAll(async () => {
  process.env['APOLLO_TELEMETRY_DISABLED'] = '1';
  leftovers = createLeftovers();
  const services: SubgraphText[] = [];
  for (const [name, { typeDefs: text, resolvers }] of Object.entries(definitions)) {
    const typeDefs = `${federationLink}\n${text}`;
    const schema = buildSubgraphSchema({ typeDefs: parse(typeDefs), resolvers });
    const server = new ApolloServer({ schema, logger });
    const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' } });
    leftovers.defer(name, () => server.stop());
    services.push({ name, url, typeDefs });
  }
  supergraphSdl = composeSubgraphs(services);

  const collector = createServer((request, response) => {
    void buffer(request).then((body) => {
      reports.push(Report.decode(gunzipSync(body)));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"tracesIgnored":false}');
    });
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  endpointUrl = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  leftovers.defer('collector', async () => {
    collector.closeAllConnections();
    collector.close();
  });
});

afterAll(() => leftovers.close());

type Gateway = ApolloGateway | TesseraGateway;

async function report(gateway: Gateway, asTrace: boolean, operations: readonly [string, object?][]): Promise<Report[]> {
  reports = [];
  const server = new ApolloServer({
    gateway,
    logger,
    apollo: { key: 'service:shop:secret', graphRef: 'shop@current' },
    plugins: [
      ApolloServerPluginUsageReporting({
        endpointUrl,
        sendReportsImmediately: true,
        fieldLevelInstrumentation: 1,
        sendErrors: { unmodified: true },
        experimental_sendOperationAsTrace: () => asTrace,
      }),
    ],
  });
  await server.start();
  for (const [query, variables = {}] of operations)
    await server.executeOperation({ query, variables: { ...variables } });
  // Apollo Server reports when it has answered, and does not wait for that when it stops.
  await eventually(() => reports.reduce((sum, { operationCount }) => sum + operationCount, 0) === operations.length);
  await server.stop();
  return reports;
}

/** What a report says of fields, without how long they took. */
function statistics(received: readonly Report[]) {
  return received.flatMap(({ tracesPerQuery }) =>
    Object.entries(tracesPerQuery).map(([key, { statsWithContext = [] }]) => ({
      key,
      stats: (Array.isArray(statsWithContext) ? statsWithContext : []).map(({ perTypeStat, queryLatencyStats }) => ({
        requests: queryLatencyStats?.requestCount,
        withErrors: queryLatencyStats?.requestsWithErrorsCount,
        errors: queryLatencyStats?.rootErrorStats?.children,
        types: Object.fromEntries(
          Object.entries(perTypeStat ?? {}).map(([type, { perFieldStat = {} }]) => [
            type,
            Object.fromEntries(
              Object.entries(perFieldStat ?? {}).map(([field, { returnType, errorsCount, observedExecutionCount }]) => [
                field,
                { returnType, errorsCount, observedExecutionCount },
              ]),
            ),
          ]),
        ),
      })),
    })),
  );
}

const operations: readonly [string, object?][] = [
  ['query Mine { me { name reviews { body } } }'],
  ['query Two($id: ID!) { user(id: $id) { name reviews { body } } me { id } }', { id: '2' }],
  ['query Denied { me { name secret } }'],
  ['mutation Write { review { body } }'],
];

const gateways: readonly (readonly [string, () => object])[] = [
  ['without data sources', () => ({})],
  ['with data sources', () => ({ buildService: ({ url = '' }) => new RemoteGraphQLDataSource({ url }) })],
];

describe.each(gateways)('usage reports %s', (_name, options) => {
  test('count the same fields, requests and errors as with ApolloGateway', async () => {
    const expected = await report(new ApolloGateway({ supergraphSdl, logger, ...options() }), false, operations);
    const actual = await report(new TesseraGateway({ supergraphSdl, logger, ...options() }), false, operations);

    const byKey = (received: readonly Report[]) => statistics(received).sort((a, b) => (a.key < b.key ? -1 : 1));
    expect(byKey(actual)).toEqual(byKey(expected));
    expect(JSON.stringify(byKey(actual))).toContain('"body":{"returnType":"String","errorsCount":0');
  });

  test('have the plan of an operation, with the trace of each subgraph', async () => {
    const [received] = await report(new TesseraGateway({ supergraphSdl, logger, ...options() }), true, [
      ['query Mine { me { name reviews { body } } }'],
    ]);

    const trace = Object.values(received?.tracesPerQuery ?? {})[0]?.trace?.[0] as Trace;
    const [first, second] = trace.queryPlan?.sequence?.nodes ?? [];
    expect(first?.fetch).toMatchObject({ serviceName: 'accounts', traceParsingFailed: false });
    expect(second?.flatten?.responsePath).toMatchObject([{ fieldName: 'me' }]);
    const fetch = second?.flatten?.node?.fetch;
    expect(fetch?.trace?.root?.child?.[0]).toMatchObject({ responseName: '_entities', parentType: 'Query' });
    expect(Number(fetch?.sentTimeOffset)).toBeGreaterThan(0);
    expect(fetch?.receivedTime?.seconds).toBeGreaterThan(0);
  });
});
