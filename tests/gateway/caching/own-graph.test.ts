import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { readCacheSchema } from '@tessera/gateway/caching/policy/cache-schema';
import { createFetchDocuments } from '@tessera/gateway/caching/policy/fetch-document';
import { prepareSubgraphOperation } from '@tessera/gateway/execution/subgraph-client';
import { loadSupergraph } from '@tessera/gateway/planning/supergraph';
import { parse } from 'graphql';
import { repositoryRoot } from '../../support/repository-root.js';

const sdl = await readFile(resolve(repositoryRoot, 'schema/supergraph.graphql'), 'utf8');

test.each([
  ['{ permissions { name description } }', 'public 3600'],
  ['{ metrics(query: {}) { truncated rows { at dimensions { value } measures { value } } } }', 'private 5'],
  ['{ tenant { name } }', 'private 0'],
  ['{ me { displayName } }', 'private 0'],
])('of our own graph, %s is kept as %s', (query, expected) => {
  const find = createFetchDocuments(readCacheSchema(parse(sdl), 'private'));
  const operation = prepareSubgraphOperation({ subgraph: 'any', kind: 'query', query, operationName: undefined });

  const { strictScope, strictMaxAgeSeconds } = find(operation).hints;

  expect(`${strictScope} ${strictMaxAgeSeconds}`).toBe(expected);
});

test('consumers see nothing of it', () => {
  const { publicSchema } = loadSupergraph(sdl);

  expect(Object.keys(publicSchema.getTypeMap()).filter((name) => name.startsWith('cacheControl'))).toEqual([]);
  expect(publicSchema.getDirective('cacheControl')).toBeUndefined();
});
