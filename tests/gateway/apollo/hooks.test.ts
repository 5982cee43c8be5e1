import { RemoteGraphQLDataSource } from '@apollo/gateway';
import type { ApolloServerPlugin } from '@apollo/server';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { shop } from '../support/shop.js';
import { gatewayNames, startApolloServers, type ApolloServers, type GatewayName } from './apollo-servers.js';

let servers: ApolloServers;

beforeAll(async () => {
  servers = await startApolloServers(shop);
});

afterAll(() => servers.close());

/** A plugin and data sources that write down when they are called. */
function recorder() {
  const calls: string[] = [];
  const plugin: ApolloServerPlugin = {
    async serverWillStart() {
      calls.push('serverWillStart');
      return {
        schemaDidLoadOrUpdate: ({ coreSupergraphSdl }) => {
          calls.push(`schemaDidLoadOrUpdate ${coreSupergraphSdl === undefined ? 'without' : 'with'} SDL`);
        },
        async serverWillStop() {
          calls.push('serverWillStop');
        },
      };
    },
    async requestDidStart() {
      return {
        async didResolveSource() {
          calls.push('didResolveSource');
        },
        async didResolveOperation({ operationName }) {
          calls.push(`didResolveOperation ${operationName}`);
        },
        async executionDidStart() {
          calls.push('executionDidStart');
          return {
            async executionDidEnd() {
              calls.push('executionDidEnd');
            },
          };
        },
        async didEncounterErrors({ errors }) {
          calls.push(`didEncounterErrors ${errors.map(({ extensions }) => String(extensions['serviceName'])).join()}`);
        },
        async willSendResponse() {
          calls.push('willSendResponse');
        },
      };
    },
  };

  class Recording extends RemoteGraphQLDataSource {
    constructor(
      readonly name: string,
      url: string,
    ) {
      super({ url });
    }

    override willSendRequest({
      request,
      kind,
    }: Parameters<NonNullable<RemoteGraphQLDataSource['willSendRequest']>>[0]) {
      request.http?.headers.set('x-tenant', 'acme');
      calls.push(`${this.name} willSendRequest ${kind}`);
    }

    override async didReceiveResponse({
      response,
    }: Parameters<NonNullable<RemoteGraphQLDataSource['didReceiveResponse']>>[0]) {
      calls.push(`${this.name} didReceiveResponse ${response.http?.status}`);
      return response;
    }

    override didEncounterError(error: Error) {
      calls.push(`${this.name} didEncounterError`);
      throw error;
    }
  }

  const buildService = ({ name, url = '' }: { readonly name: string; readonly url?: string }) => {
    calls.push(`build ${name}`);
    return new Recording(name, url);
  };
  return { calls, plugin, buildService };
}

async function record(name: GatewayName, query: string, prepare: () => void = () => undefined) {
  const { calls, plugin, buildService } = recorder();
  const server = await servers.open(name, { plugins: [plugin], buildService });
  prepare();
  const answer = await server.ask(query);
  await server.stop();
  return { calls, answer };
}

describe.each(gatewayNames)('%s', (name) => {
  test('calls plugins and data sources in the order that their users know', async () => {
    const { calls, answer } = await record(name, 'query Mine { me { name reviews { body } } }');

    expect(answer.errors).toBeUndefined();
    expect(calls).toEqual([
      'build accounts',
      'build products',
      'build reviews',
      'serverWillStart',
      'schemaDidLoadOrUpdate with SDL',
      'didResolveSource',
      'didResolveOperation Mine',
      'executionDidStart',
      'accounts willSendRequest incoming operation',
      'accounts didReceiveResponse 200',
      'reviews willSendRequest incoming operation',
      'reviews didReceiveResponse 200',
      'executionDidEnd',
      'willSendResponse',
      'serverWillStop',
    ]);
  });

  test('sends what a hook adds to a request', async () => {
    servers.subgraph('accounts').forgetRequests();

    await record(name, '{ me { id } }');

    expect(servers.subgraph('accounts').requests[0]?.headers).toMatchObject({ 'x-tenant': 'acme' });
  });

  test('tells hooks and plugins of a subgraph that fails', async () => {
    const { calls, answer } = await record(name, '{ me { name reviews { body } } }', () =>
      servers.subgraph('reviews').answerNext({ kind: 'json', status: 401, body: { errors: [{ message: 'Who?' }] } }),
    );

    expect(calls).toContain('reviews didEncounterError');
    expect(calls).toContain('executionDidEnd');
    expect(answer.errors).toMatchObject([
      { message: '401: Unauthorized', extensions: { code: 'UNAUTHENTICATED', response: { status: 401 } } },
    ]);
    expect(answer.errors?.[0]).not.toHaveProperty('path');
  });
});
