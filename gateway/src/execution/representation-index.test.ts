import { describe, expect, test } from '@jest/globals';
import { compileIndex } from './representation-index.js';
import type { ResultTree } from './result-tree.js';

const typename = { kind: 'Field', name: '__typename' } as const;
const field = (name: string) => ({ kind: 'Field', name }) as const;
const ofType = (typeCondition: string, ...names: readonly string[]) =>
  ({ kind: 'InlineFragment', typeCondition, selections: [typename, ...names.map(field)] }) as const;

function places(requires: Parameters<typeof compileIndex>[0], representations: readonly ResultTree[]): number[] {
  const indexOf = compileIndex(requires)();
  let next = 0;
  return representations.map((representation) => {
    const place = indexOf(representation, next);
    if (place === next) next += 1;
    return place;
  });
}

describe('representations of one fetch', () => {
  test('are told apart by type, key, and the kind of the key', () => {
    const met = [
      { __typename: 'Book', id: '1' },
      { __typename: 'Film', id: '1' },
      { __typename: 'Book', id: 1 },
      { __typename: 'Book', id: '1' },
      { __typename: 'Book', id: null },
    ];

    expect(places([ofType('Book', 'id'), ofType('Film', 'id')], met)).toEqual([0, 1, 2, 0, 3]);
  });

  test('are equal where a custom scalar has equal parts', () => {
    const met = [
      { __typename: 'Book', id: { part: 1 } },
      { __typename: 'Book', id: { part: 1 } },
    ];

    expect(places([ofType('Book', 'id')], met)).toEqual([0, 0]);
  });

  test('are compared as a whole where they need more than one field', () => {
    const met = [
      { __typename: 'Book', id: '1', price: 2 },
      { __typename: 'Book', id: '1', price: 3 },
      { __typename: 'Book', id: '1', price: 2 },
    ];

    expect(places([ofType('Book', 'id', 'price')], met)).toEqual([0, 1, 0]);
  });
});
