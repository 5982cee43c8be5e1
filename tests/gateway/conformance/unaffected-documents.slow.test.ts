import { expect, test } from '@jest/globals';
import { compareSupergraphs } from '@tessera/gateway/planning/kept/unaffected-documents';
import { loadSupergraph, type Supergraph } from '@tessera/gateway/planning/supergraph';
import fc from 'fast-check';
import { parse, validate } from 'graphql';
import { buildWorld, composeWorld } from './random/built-world.js';
import { randomCase } from './random/case-arbitrary.js';
import { someChanges } from './random/some-changes.js';
import type { World } from './random/world.js';

const supergraphs = 12;
const operationsOfEach = 30;
const changesOfEach = 12;

function load(world: World): Supergraph | undefined {
  try {
    return loadSupergraph(composeWorld(buildWorld(world), (name) => `http://${name}.test`));
  } catch {
    return undefined;
  }
}

test('documents that are said to be unaffected are valid when random supergraphs lose and regain parts', () => {
  const counts = { unaffected: 0, affected: 0, refused: 0 };
  for (const { world, experiments } of fc.sample(randomCase(operationsOfEach), { seed: 11, numRuns: supergraphs })) {
    const whole = load(world);
    const less = someChanges(world, changesOfEach).flatMap((change) => load(change) ?? []);
    if (whole === undefined) continue;
    const documents = experiments.map(({ operation }) => parse(operation.source, { noLocation: true }));
    const pairs = less.flatMap((one) => [[whole, one] as const, [one, whole] as const]);
    for (const [before, after] of pairs) {
      const isUnaffected = compareSupergraphs(before, after);
      for (const document of documents) {
        if (validate(before.publicSchema, document).length > 0) continue;
        const errors = validate(after.publicSchema, document);
        if (isUnaffected(document)) expect(errors).toEqual([]);
        counts[isUnaffected(document) ? 'unaffected' : 'affected'] += 1;
        if (errors.length > 0) counts.refused += 1;
      }
    }
  }
  expect(counts.refused).toBeGreaterThan(100);
  // Most parts have nothing to do with most documents.
  expect(counts.affected).toBeLessThan(counts.unaffected);
});
