import { expect, test } from '@jest/globals';
import { createPlanDocument, type PlanDocument } from '@tessera/gateway/planning/tessera/plan-document';
import { parse } from 'graphql';
import { supergraphOf } from '../support/supergraph-of.js';

const operation = '{ things { rating related { rating related { rating ... on Kind3 { own } } } } }';

/** An interface with so many types, of which a second subgraph knows more. */
function plannerOver(typeCount: number): PlanDocument {
  const names = Array.from({ length: typeCount }, (_, index) => `Kind${index}`);
  const types = (fields: string): string =>
    names.map((name) => `type ${name} implements Thing @key(fields: "id") { ${fields} }`).join('\n');
  const { sdl } = supergraphOf({
    shop: `type Query { things: [Thing!]! }
      interface Thing { id: ID!  related: [Thing!]! }
      ${types('id: ID!  related: [Thing!]!  own: Int')}`,
    reviews: `interface Thing { id: ID!  rating: Int } ${types('id: ID!  rating: Int')}`,
  });
  return createPlanDocument(parse(sdl), () => false);
}

function stepsOf(planDocument: PlanDocument): number {
  let steps = 0;
  planDocument(parse(operation), undefined, undefined, () => (steps += 1));
  return steps;
}

test('ten times as many types of an interface that are alike take ten times as many steps to plan, three levels deep', () => {
  expect(stepsOf(plannerOver(80))).toBeLessThanOrEqual(10 * stepsOf(plannerOver(8)));
});

test('a subgraph is asked by the interface where it has the fields there, and by a type where that is asked more', () => {
  const text = JSON.stringify(
    plannerOver(5)(parse('{ things { rating related { rating related { id } } } }'), undefined),
  );

  expect(text).toContain('query { things { __typename id related { __typename id related { __typename id } } } }');
  expect(text).toContain('{ ... on Thing { rating } }');

  const told = JSON.stringify(plannerOver(5)(parse(operation), undefined));

  expect(told).toContain('... on Kind4 { __typename id } ');
  expect(told).toContain('... on Kind3 { __typename id own } ');
});
