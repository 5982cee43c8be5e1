import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { prepareSubgraphOperation } from '@tessera/gateway/execution/subgraph-client';
import { createResilientClient, type ResilientClientOptions } from '@tessera/gateway/registry/resilient-client';
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

  function aClient(options: Partial<ResilientClientOptions> = {}) {
    const urls = new Map([['one', [subgraph.url]]]);
    const client = createResilientClient({ urls, timeoutMs: 5_000, ...options });
    leftovers.defer('client', () => client.close());
    return client;
  }

  test('signs each request for the principal, so that the subgraph can verify it', async () => {
    const context = aRequestContext({ principal, encodedPrincipal: encodePrincipal(principal) });

    await aClient({ signingSecret: 'secret' }).send(request, context);

    const [received] = subgraph.requests;
    const { path = '', rawBody: body = '', headers = {} } = received ?? {};
    const signed = { audience: 'one', method: 'POST', path, body };
    expect(verifyPrincipal(['secret'], signed, headers, Date.now())).toEqual({ principal, client: {} });
    expect(received).toMatchObject({ query: '{ "quoted" }', variables: { a: 1 } });
  });

  test('says where a mutation came from, and nothing of that for a query', async () => {
    const clientAddress = '192.0.2.7';
    const context = aRequestContext({ clientAddress, userAgent: 'a browser' });
    const client = aClient({ signingSecret: 'secret' });

    await client.send({ ...request, operation: { ...query, kind: 'mutation' } }, context);
    await client.send(request, context);

    const clients = subgraph.requests.map(({ path = '', rawBody: body = '', headers = {} }) => {
      const signed = { audience: 'one', method: 'POST', path, body };
      return verifyPrincipal(['secret'], signed, headers, Date.now()).client;
    });
    expect(clients).toEqual([{ address: clientAddress, userAgent: 'a browser' }, {}]);
  });

  test('sends no principal without a secret, but always the request id and the trace', async () => {
    await aClient().send(request, aRequestContext());

    const headers = subgraph.requests[0]?.headers ?? {};
    expect(Object.keys(headers).filter((name) => name.startsWith('x-tessera'))).toEqual([]);
    expect(headers).toMatchObject({ 'x-request-id': 'request-1', traceparent: aRequestContext().traceparent });
  });

  test('asks with the query string of the URL', async () => {
    const urls = new Map([['one', [`${subgraph.url}/other?tenant=1`]]]);

    await aClient({ urls }).send(request, aRequestContext());

    expect(subgraph.requests[0]?.path).toBe('/graphql/other?tenant=1');
  });

  test('keeps its connections open for the next requests', async () => {
    const server = createServer((_request, response) => response.end('{"data":{}}')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    leftovers.defer('server', () => server.close());
    let connections = 0;
    server.on('connection', () => (connections += 1));
    const { port } = server.address() as AddressInfo;
    const client = aClient({ urls: new Map([['one', [`http://127.0.0.1:${port}`]]]) });

    for (let count = 0; count < 20; count += 1) await client.send(request, aRequestContext());

    expect(connections).toBeLessThanOrEqual(2);
  });

  test('asks a second time, and no third, when a query loses its connection', async () => {
    subgraph.answerAlways({ kind: 'reset' });

    await expect(aClient().send(request, aRequestContext())).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' });

    expect(subgraph.requests).toHaveLength(2);
  });

  test('names what is wrong with URLs and timeouts', () => {
    const urls = new Map([['one', ['ftp://x']]]);

    expect(() => createResilientClient({ urls, timeoutMs: 1, timeoutsMs: new Map([['two', 5]]) })).toThrow(
      /has no subgraph two[^]*one needs http\(s\) URLs/,
    );
  });
});
