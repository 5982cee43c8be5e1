import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { serviceNames } from '@tessera/local/subgraphs';
import { repositoryRoot } from './repository.js';
import { parseRoverConfig, printSubgraph } from './subgraphs.js';

const named = (names: readonly string[]): string =>
  `subgraphs:\n${names.map((name) => `  ${name}: { routing_url: http://${name}/graphql, schema: { file: ${name}.graphql } }`).join('\n')}`;

test('every folder of subgraphs is one that local mode runs, migrates and prints', () => {
  const folder = resolve(repositoryRoot, 'subgraphs');
  const found = readdirSync(folder).filter((name) => existsSync(resolve(folder, name, 'package.json')));

  expect(found.sort()).toEqual([...serviceNames].sort());
});

describe('rover.yaml', () => {
  test('may name a subgraph whose code is elsewhere: nothing is printed for it', async () => {
    const files = parseRoverConfig(named([...serviceNames, 'shipping']));

    expect(files.at(-1)).toEqual({ name: 'shipping', url: 'http://shipping/graphql', file: 'shipping.graphql' });
    expect(await printSubgraph('shipping')).toBeUndefined();
  });

  test('is refused where it leaves out a subgraph of this repository', () => {
    const names = serviceNames.filter((name) => name !== 'storage');

    expect(() => parseRoverConfig(named(names))).toThrow('rover.yaml does not name storage');
  });
});
