import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ask, startGatewayOver, type GatewayOver } from '../support/gateway-over.js';
import { compose } from '../support/federation.js';

let over: GatewayOver;
let arrived: PromiseWithResolvers<void>;
let release: PromiseWithResolvers<string>;

const typeDefs = 'type Query { slow: String  old: String  new: String }';

/** The same subgraph, of which a supergraph shows only some fields. */
const showing = (fields: string): string =>
  compose({ only: { typeDefs: `type Query { ${fields} }`, url: over.subgraph('only').url } });

const codeOf = async (query: string): Promise<unknown> =>
  (await ask(over.url, query)).errors?.[0]?.extensions?.['code'];

beforeEach(async () => {
  arrived = Promise.withResolvers();
  release = Promise.withResolvers();
  const slow = (): Promise<string> => {
    arrived.resolve();
    return release.promise;
  };
  over = await startGatewayOver({
    only: { typeDefs, resolvers: { Query: { slow, old: () => 'old', new: () => 'new' } } },
  });
});

afterEach(() => over.close());

test('a request under way ends on the supergraph on which it began, new ones go to the new one', async () => {
  await over.gateway.offerSupergraph(showing('slow: String  old: String'));
  const underWay = ask(over.url, '{ slow old }');
  await arrived.promise;

  await over.gateway.offerSupergraph(showing('new: String'));

  expect(await ask(over.url, '{ new }')).toEqual({ data: { new: 'new' } });
  expect(await codeOf('{ slow old }')).toBe('GRAPHQL_VALIDATION_FAILED');
  release.resolve('at last');
  expect(await underWay).toEqual({ data: { slow: 'at last', old: 'old' } });
});

test.each([
  ['text that is no SDL', () => 'type Query {'],
  ['a schema that was not composed', () => 'type Query { new: String }'],
  ['a subgraph without a place', () => showing('new: String').replace(over.subgraph('only').url, '')],
])('%s is refused, and what was there goes on', async (_name, broken) => {
  await over.gateway.offerSupergraph(broken());

  expect(await ask(over.url, '{ old }')).toEqual({ data: { old: 'old' } });
});

test('of several supergraphs that come at once the last one is taken', async () => {
  const offers = ['old: String', 'slow: String', 'new: String'].map((fields) =>
    over.gateway.offerSupergraph(showing(fields)),
  );
  await Promise.all(offers);

  expect(await ask(over.url, '{ new }')).toEqual({ data: { new: 'new' } });
  expect(await codeOf('{ old }')).toBe('GRAPHQL_VALIDATION_FAILED');
});

test('the same supergraph once more changes nothing, and keeps nobody from those that come later', async () => {
  await over.gateway.offerSupergraph(over.supergraphSdl);

  await over.gateway.offerSupergraph(showing('new: String'));

  expect(await ask(over.url, '{ new }')).toEqual({ data: { new: 'new' } });
  expect(await codeOf('{ old }')).toBe('GRAPHQL_VALIDATION_FAILED');
});
