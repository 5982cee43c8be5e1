import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { planners, startFederation, type Federation } from '../support/federation.js';
import { createMonolith, type Monolith } from '../support/monolith.js';
import { shopOperations } from '../support/shop-operations.js';
import { shop } from '../support/shop.js';

const operations = Number(process.env['DIFFERENTIAL_OPERATIONS'] ?? 300);
const firstSeed = Number(process.env['DIFFERENTIAL_SEED'] ?? 1);

describe.each([...planners, 'auto' as const])('random operations (planned by %s)', (planner) => {
  let federation: Federation;
  let monolith: Monolith;

  beforeAll(async () => {
    federation = await startFederation(shop, { planner });
    monolith = createMonolith(federation.supergraph.publicSchema, shop, {
      'Product.shipping': (product, { zone }: { zone: number }) =>
        zone * (Number(product['price']) + Number(product['weight']) + Number(product['height']) * 10),
      // Provided by another subgraph than the one that owns it, in a form of its own.
      'User.email': ({ email }) => email,
    });
  });

  afterAll(() => federation.close());

  test('are answered as one schema over the same data answers them', async () => {
    let compared = 0;
    for (const { seed, source, variables } of shopOperations(federation.supergraph.publicSchema, firstSeed)) {
      if (compared >= operations) break;

      const answer = await federation.run(source, variables).catch((error: unknown) => {
        // A limit of the native planner: `@requires` on an entity that the requiring subgraph itself refers to.
        if (planner === 'native' && source.includes('shipping') && String(error).includes('cannot be planned'))
          return undefined;
        throw error;
      });
      if (answer === undefined) continue;
      const expected = await monolith.run(source, variables);

      expect({ seed, source, variables, answer: JSON.stringify(answer) }).toEqual({
        seed,
        source,
        variables,
        answer: JSON.stringify(expected),
      });
      compared += 1;
    }
  }, 60_000);
});
