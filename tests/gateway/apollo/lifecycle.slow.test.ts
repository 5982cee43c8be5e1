import { ApolloGateway, IntrospectAndCompose, LocalCompose } from '@apollo/gateway';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SupergraphHookOptions } from '@tessera/gateway/apollo/gateway-options';
import { TesseraGateway } from '@tessera/gateway/apollo/tessera-gateway';
import { parse } from 'graphql';
import { eventually } from '../../support/eventually.js';
import { federationLink } from '../support/federation.js';
import { shop } from '../support/shop.js';
import { openServer, startApolloServers, type ApolloServers } from './apollo-servers.js';

const logger = { debug() {}, info() {}, warn() {}, error() {} };
let servers: ApolloServers;

beforeAll(async () => {
  servers = await startApolloServers(shop);
});

afterAll(() => servers.close());

/** A supergraph whose subgraph `products` has lost a field. */
const smaller = (): string =>
  servers.supergraphSdl
    .replace(/^ +size\(.*@join__field\(graph: PRODUCTS\).*$/m, '')
    .replace(/ size\(unit: \\"mm\\"\)/, '');

describe.each([
  ['ApolloGateway', ApolloGateway],
  ['TesseraGateway', TesseraGateway],
] as const)('%s', (_name, Gateway) => {
  test('takes a function or a manager that brings supergraphs, and cleans up behind it', async () => {
    let cleanups = 0;
    const initialize = async () => ({
      supergraphSdl: servers.supergraphSdl,
      cleanup: async () => void (cleanups += 1),
    });

    for (const supergraphSdl of [initialize, { initialize }]) {
      const server = await openServer(new Gateway({ supergraphSdl, logger }));
      expect((await server.ask('{ me { id } }')).data).toEqual({ me: { id: 'u1' } });
      await server.stop();
    }

    expect(cleanups).toBe(2);
  });

  test('takes over supergraphs that come later and refuses those that do not load', async () => {
    const told: (string | undefined)[] = [];
    let given: Pick<SupergraphHookOptions, 'update' | 'healthCheck'> | undefined;
    const gateway = new Gateway({
      supergraphSdl: async (options: Pick<SupergraphHookOptions, 'update' | 'healthCheck'>) => {
        given = options;
        return { supergraphSdl: servers.supergraphSdl };
      },
      logger,
      experimental_didUpdateSupergraph: (_current, previous) =>
        void told.push(previous !== undefined && 'compositionId' in previous ? previous.compositionId : undefined),
    });
    const server = await openServer(gateway);
    const size = () => server.ask('{ top { size } }');

    const before = await size();
    given?.update(smaller());
    const after = await size();
    const update = (): void => given?.update('type Query { me: Int }');

    expect(before.data).toEqual({ top: { size: 70 } });
    expect(after.errors?.[0]?.extensions?.['code']).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(update).toThrow();
    expect((await server.ask('{ top { name } }')).data).toEqual({ top: { name: 'Table' } });
    expect(told).toEqual([undefined, expect.stringMatching(/^[0-9a-f]{64}$/)]);
    await expect(given?.healthCheck(servers.supergraphSdl)).resolves.toBeUndefined();
    await server.stop();
    expect(() => given?.update(servers.supergraphSdl)).toThrow();
  });

  test('composes by itself with IntrospectAndCompose', async () => {
    const subgraphs = ['accounts', 'products', 'reviews'].map((name) => ({ name, url: servers.subgraph(name).url }));
    const server = await openServer(
      new Gateway({ supergraphSdl: new IntrospectAndCompose({ subgraphs, logger }), logger }),
    );

    expect((await server.ask('{ me { reviews { body } } }')).data).toEqual({
      me: { reviews: [{ body: 'Good' }, { body: 'Bad' }] },
    });
    await server.stop();
  });

  test('takes over what IntrospectAndCompose finds when it looks again', async () => {
    const { subgraph } = servers;
    const told: string[] = [];
    const subgraphs = ['accounts', 'products', 'reviews'].map((name) => ({ name, url: subgraph(name).url }));
    const gateway = new Gateway({
      supergraphSdl: new IntrospectAndCompose({ subgraphs, pollIntervalInMs: 20, logger }),
      logger,
    });
    gateway.onSchemaLoadOrUpdate(({ coreSupergraphSdl }) => void told.push(coreSupergraphSdl));
    const server = await openServer(gateway);
    const sdlOf = async (): Promise<string> => {
      const response = await fetch(subgraph('products').url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ _service { sdl } }' }),
      });
      return ((await response.json()) as { data: { _service: { sdl: string } } }).data._service.sdl;
    };
    const sdl = `${await sdlOf()} extend type Query { brandNew: Int }`;

    subgraph('products').answerAlways({ kind: 'json', body: { data: { _service: { sdl } } } });
    await eventually(() => told.length === 2);
    subgraph('products').answerAlways(undefined);

    expect(told[1]).toContain('brandNew');
    await server.stop();
  });

  test('composes what LocalCompose was given', async () => {
    const localServiceList = ['accounts', 'products', 'reviews'].map((name) => ({
      name,
      url: servers.subgraph(name).url,
      typeDefs: parse(`${federationLink}\n${shop[name]?.typeDefs}`),
    }));
    const server = await openServer(
      new Gateway({ supergraphSdl: new LocalCompose({ localServiceList, logger }), logger }),
    );

    expect((await server.ask('{ me { id } }')).data).toEqual({ me: { id: 'u1' } });
    await server.stop();
  });

  test('fails to start over what is no supergraph', async () => {
    await expect(openServer(new Gateway({ supergraphSdl: 'type Query { a: Int }', logger }))).rejects.toThrow();
  });

  test('has the schema of now, and tells how each subgraph is', async () => {
    const gateway = new Gateway({ supergraphSdl: servers.supergraphSdl, logger });
    expect(gateway.schema).toBeUndefined();
    const server = await openServer(gateway);

    expect(gateway.schema?.getType('Product')).toBeDefined();
    const healths = await gateway.serviceHealthCheck();
    expect(healths.map(({ name, response }) => [name, response.data])).toEqual(
      ['accounts', 'products', 'reviews'].map((name) => [name, { __typename: 'Query' }]),
    );
    await server.stop();
  });

  test('says which subgraph is not healthy', async () => {
    let check: ((sdl: string) => Promise<void>) | undefined;
    const server = await openServer(
      new Gateway({
        supergraphSdl: async ({ healthCheck }: Pick<SupergraphHookOptions, 'healthCheck'>) => {
          check = healthCheck;
          return { supergraphSdl: servers.supergraphSdl };
        },
        logger,
      }),
    );
    servers.subgraph('products').answerNext({ kind: 'text', status: 503, body: 'no' });

    await expect(check?.(servers.supergraphSdl)).rejects.toThrow(/\[products\]/);
    await server.stop();
  });
});

test('operations under way end on the supergraph that they began on', async () => {
  let update: ((sdl: string) => void) | undefined;
  const server = await openServer(
    new TesseraGateway({
      supergraphSdl: async (options) => {
        update = options.update;
        return { supergraphSdl: servers.supergraphSdl };
      },
      logger,
    }),
  );

  const answers = Promise.all(
    Array.from({ length: 20 }, () => server.ask('{ users { reviews { product { size } } } }')),
  );
  update?.(smaller());

  for (const { errors } of await answers) {
    expect(errors?.every(({ extensions }) => extensions?.['code'] === 'GRAPHQL_VALIDATION_FAILED') ?? true).toBe(true);
  }
  await server.stop();
});

test('load fails where a subgraph is not healthy and that is asked for', async () => {
  servers.subgraph('products').answerNext({ kind: 'text', status: 503, body: 'no' });
  const gateway = new TesseraGateway({ supergraphSdl: servers.supergraphSdl, serviceHealthCheck: true, logger });

  await expect(openServer(gateway)).rejects.toThrow(/\[products\]/);
});

test('a health check says why a subgraph cannot be reached', async () => {
  const supergraphSdl = servers.supergraphSdl.replace(
    /(PRODUCTS @join__graph\(name: "products", url: ")[^"]*/,
    '$1http://127.0.0.1:1/',
  );
  const gateway = new TesseraGateway({ supergraphSdl, serviceHealthCheck: true, logger });

  await expect(openServer(gateway)).rejects.toThrow(/\[products\]: fetch failed: .+/);
});

test.each([
  [true, 1],
  [false, 2],
])('equal queries at one time share a request where that is on (%s)', async (deduplicatesInFlight, requests) => {
  const { supergraphSdl } = servers;
  const server = await openServer(new TesseraGateway({ supergraphSdl, deduplicatesInFlight, logger }));
  await server.ask('{ me { id } }');
  servers.subgraph('accounts').forgetRequests();

  await Promise.all([server.ask('{ me { id } }'), server.ask('{ me { id } }')]);

  expect(servers.subgraph('accounts').requests).toHaveLength(requests);
  await server.stop();
});

test('asks a function for supergraphs again and again', async () => {
  let newest = { id: '1', supergraphSdl: servers.supergraphSdl };
  const server = await openServer(
    new TesseraGateway({ experimental_updateSupergraphSdl: async () => newest, pollIntervalInMs: 20, logger }),
  );
  expect((await server.ask('{ top { size } }')).data).toEqual({ top: { size: 70 } });

  newest = { id: '2', supergraphSdl: smaller() };

  await eventually(async () => (await server.ask('{ top { size } }')).errors !== undefined);
  await server.stop();
});
