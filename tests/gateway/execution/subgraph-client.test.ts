import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createSubgraphClient,
  prepareSubgraphOperation,
  type SubgraphClientOptions,
} from '@tessera/gateway/execution/subgraph-client';
import { encodePrincipal, verifyPrincipal, type Principal } from '@tessera/service/identity';
import { aRequestContext } from '../support/federation.js';
import { startFakeSubgraph, type FakeSubgraph } from '../../support/fake-subgraph.js';
import { createLeftovers } from '../../support/leftovers.js';

const query = prepareSubgraphOperation({
  subgraph: 'one',
  kind: 'query',
  query: '{ "quoted" }',
  operationName: undefined,
});
const request = { operation: query, variables: '{"a":1}' };
const principal: Principal = { kind: 'service', roles: [], scopes: ['x'] };

describe('the subgraph client', () => {
  const leftovers = createLeftovers();
  let subgraph: FakeSubgraph;

  beforeEach(async () => {
    subgraph = await startFakeSubgraph();
    leftovers.defer('subgraph', () => subgraph.close());
    subgraph.answerAlways({ kind: 'json', body: { data: { ok: true } } });
  });

  afterEach(() => leftovers.close());

  function aClient(options: Partial<SubgraphClientOptions> = {}) {
    const subgraphs = new Map([['one', { name: 'one', url: subgraph.url }]]);
    const client = createSubgraphClient({ subgraphs, timeoutMs: 5_000, ...options });
    leftovers.defer('client', () => client.close());
    return client;
  }

  test('signs each request for the principal, so that the subgraph can verify it', async () => {
    const context = aRequestContext({ principal, encodedPrincipal: encodePrincipal(principal) });

    await aClient({ signingSecret: 'secret' }).send(request, context);

    const [received] = subgraph.requests;
    const { path = '', rawBody: body = '', headers = {} } = received ?? {};
    expect(verifyPrincipal('secret', { method: 'POST', path, body }, headers, Date.now())).toEqual(principal);
    expect(received).toMatchObject({ query: '{ "quoted" }', variables: { a: 1 } });
  });

  test('sends no principal without a secret, but always the request id and the trace', async () => {
    await aClient().send(request, aRequestContext());

    const headers = subgraph.requests[0]?.headers ?? {};
    expect(Object.keys(headers).filter((name) => name.startsWith('x-tessera'))).toEqual([]);
    expect(headers).toMatchObject({ 'x-request-id': 'request-1', traceparent: aRequestContext().traceparent });
  });

  test('asks the URL of the configuration instead of the one of the supergraph', async () => {
    const subgraphs = new Map([['one', { name: 'one', url: 'http://localhost:1/nowhere' }]]);
    const url = `${subgraph.url}/other?tenant=1`;

    await aClient({ subgraphs, urlOverrides: { one: url } }).send(request, aRequestContext());

    expect(subgraph.requests[0]?.path).toBe('/graphql/other?tenant=1');
  });

  test('keeps its connections open for the next requests', async () => {
    const server = createServer((_request, response) => response.end('{"data":{}}')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    leftovers.defer('server', () => server.close());
    let connections = 0;
    server.on('connection', () => (connections += 1));
    const { port } = server.address() as AddressInfo;
    const client = aClient({ urlOverrides: { one: `http://127.0.0.1:${port}` } });

    for (let count = 0; count < 20; count += 1) await client.send(request, aRequestContext());

    expect(connections).toBeLessThanOrEqual(2);
  });

  test('asks a second time, and no third, when a query loses its connection', async () => {
    subgraph.answerAlways({ kind: 'reset' });

    await expect(aClient().send(request, aRequestContext())).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' });

    expect(subgraph.requests).toHaveLength(2);
  });

  test('names what is wrong with the URLs it is given', () => {
    const subgraphs = new Map([['one', { name: 'one', url: '' }]]);

    expect(() => createSubgraphClient({ subgraphs, timeoutMs: 1, urlOverrides: { two: 'http://x' } })).toThrow(
      'a URL is configured for "two", which the supergraph does not have; subgraph "one" has no http(s) URL',
    );
  });
});
