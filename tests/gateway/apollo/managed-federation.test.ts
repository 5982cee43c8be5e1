import { ApolloGateway, UplinkSupergraphManager } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginUsageReportingDisabled } from '@apollo/server/plugin/disabled';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { TesseraGateway } from '@tessera/gateway/apollo/tessera-gateway';
import { eventually } from '../../support/eventually.js';
import { startFakeUplink, type FakeUplink } from '../../support/fake-uplink.js';
import { shop } from '../support/shop.js';
import { startApolloServers, type ApolloServers } from './apollo-servers.js';

const logger = { debug() {}, info() {}, warn() {}, error() {} };
const apollo = { key: 'service:shop:secret', graphRef: 'shop@current' };
let servers: ApolloServers;
let uplink: FakeUplink;

beforeAll(async () => {
  servers = await startApolloServers(shop);
});

afterAll(() => servers.close());

beforeEach(async () => {
  uplink = await startFakeUplink();
});

afterEach(() => uplink.close());

const published = (id: string, supergraphSdl = servers.supergraphSdl) =>
  ({ __typename: 'RouterConfigResult', id, supergraphSdl, minDelaySeconds: 0.05 }) as const;

/** A supergraph that has lost a field. */
const smaller = (): string =>
  servers.supergraphSdl
    .replace(/^ +size\(.*@join__field\(graph: PRODUCTS\).*$/m, '')
    .replace(/ size\(unit: \\"mm\\"\)/, '');

async function start(gateway: ApolloGateway | TesseraGateway, graph: object | undefined = apollo) {
  const plugins = [ApolloServerPluginUsageReportingDisabled()];
  const server = new ApolloServer({ gateway, plugins, logger, ...(graph === undefined ? {} : { apollo: graph }) });
  await server.start();
  const codeOf = async (query: string): Promise<unknown> => {
    const { body } = await server.executeOperation({ query });
    return body.kind === 'single' ? body.singleResult.errors?.[0]?.extensions?.['code'] : 'incremental';
  };
  return { codeOf, stop: () => server.stop() };
}

describe.each([
  ['ApolloGateway', ApolloGateway],
  ['TesseraGateway', TesseraGateway],
] as const)('%s in a managed federation', (_name, Gateway) => {
  test('takes its supergraph from the registry, asks for newer ones only, and takes these over', async () => {
    uplink.answer(published('1'));
    const server = await start(new Gateway({ uplinkEndpoints: [uplink.url], logger }));
    expect(await server.codeOf('{ top { size } }')).toBeUndefined();

    await eventually(() => uplink.requests.length > 2);
    uplink.answer(published('2', smaller()));
    await eventually(async () => (await server.codeOf('{ top { size } }')) === 'GRAPHQL_VALIDATION_FAILED');

    expect(uplink.requests[0]).toEqual({ ref: 'shop@current', apiKey: apollo.key, ifAfterId: null });
    expect(uplink.requests[1]).toMatchObject({ ifAfterId: '1' });
    await server.stop();
    // While another one asks again and again, who has stopped does not; a request that was under way may still arrive.
    const of = (ref: string) => uplink.requests.filter((request) => request.ref === ref).length;
    const later = { ...apollo, graphRef: 'shop@later' };
    const other = await start(new Gateway({ uplinkEndpoints: [uplink.url], logger }), later);
    await eventually(() => of(later.graphRef) > 1);
    const asked = of(apollo.graphRef);
    await eventually(() => of(later.graphRef) > 5);
    expect(of(apollo.graphRef)).toBe(asked);
    await other.stop();
  });

  test('goes on with what it has while the registry fails or has nonsense', async () => {
    uplink.answer(published('1'));
    const server = await start(new Gateway({ uplinkEndpoints: [uplink.url], uplinkMaxRetries: 0, logger }));
    const untilAsked = async (): Promise<void> => {
      const { length } = uplink.requests;
      await eventually(() => uplink.requests.length > length + 1);
    };

    uplink.answer({ __typename: 'broken' });
    await untilAsked();
    uplink.answer(published('2', 'type Query {'));
    await untilAsked();
    expect(await server.codeOf('{ top { size } }')).toBeUndefined();

    uplink.answer(published('3', smaller()));
    await eventually(async () => (await server.codeOf('{ top { size } }')) === 'GRAPHQL_VALIDATION_FAILED');
    await server.stop();
  });

  test('asks another endpoint where one does not answer, and takes one by its older name', async () => {
    uplink.answer(published('1'));
    const broken = await startFakeUplink();

    const server = await start(new Gateway({ uplinkEndpoints: [broken.url, uplink.url], logger }));
    const older = await start(new Gateway({ schemaConfigDeliveryEndpoint: uplink.url, logger }));

    expect(await server.codeOf('{ me { id } }')).toBeUndefined();
    expect(await older.codeOf('{ me { id } }')).toBeUndefined();
    await server.stop();
    await older.stop();
    await broken.close();
  });

  test('does not start where the registry says no, or is not known', async () => {
    uplink.answer({ __typename: 'FetchError', code: 'AUTHENTICATION_FAILED', message: 'Wrong key' });
    const options = { uplinkEndpoints: [uplink.url], uplinkMaxRetries: 0, logger };

    await expect(start(new Gateway(options))).rejects.toThrow(/AUTHENTICATION_FAILED/);
    await expect(start(new Gateway(options), {})).rejects.toThrow();
  });

  test('waits for healthy subgraphs where that is asked for', async () => {
    uplink.answer(published('1'));
    servers.subgraph('products').answerNext({ kind: 'text', status: 503, body: 'no' });
    const options = { uplinkEndpoints: [uplink.url], uplinkMaxRetries: 0, serviceHealthCheck: true, logger };

    await expect(start(new Gateway(options))).rejects.toThrow(/\[products\]/);
  });

  test('takes the registry as a manager of supergraphs too', async () => {
    uplink.answer(published('1'));
    const supergraphSdl = new UplinkSupergraphManager({
      apiKey: apollo.key,
      graphRef: apollo.graphRef,
      uplinkEndpoints: [uplink.url],
      logger,
    });
    const server = await start(new Gateway({ supergraphSdl, logger }));

    expect(await server.codeOf('{ me { id } }')).toBeUndefined();
    await server.stop();
  });
});
