import { describe, expect, test } from '@jest/globals';
import { buildASTSchema, parse, validateSchema } from 'graphql';
import { atOnce } from './pieces.js';
import { schemaFaultPieces } from './validate-schema.js';

/** Enough types for several pieces around those that matter. */
const filling = Array.from({ length: 120 }, (_, index) => `type Filling${index} { name: String }`).join('\n');
const schemaOf = (sdl: string) => buildASTSchema(parse(`${sdl}\n${filling}`), { assumeValidSDL: true });

describe('a schema has the faults that graphql-js finds in it at once', () => {
  test.each([
    ['none', 'type Query { a: String }'],
    ['no query', 'type Other { a: String }'],
    ['a type without fields', 'type Query { a: Empty } type Empty'],
    ['an interface that is not kept to', 'interface I { a: Int } type Query implements I { a: String }'],
    ['several', 'type Query { __a: String, b: Empty } type Empty union Nothing'],
    ['an input that contains itself', 'type Query { a(i: In): Int } input In { again: In! }'],
    ['a directive of a reserved name', 'directive @__a on FIELD type Query { a: Int }'],
  ])('%s', (_name, sdl) => {
    const expected = validateSchema(schemaOf(sdl)).map(({ message }) => message);

    const faults = atOnce(schemaFaultPieces(schemaOf(sdl)));

    expect([...faults].sort()).toEqual(expected.sort());
  });
});

test('graphql-js does not look again', () => {
  const schema = schemaOf('type Query { a: Empty } type Empty');

  const faults = atOnce(schemaFaultPieces(schema));

  expect(validateSchema(schema).map(({ message }) => message)).toEqual([...faults]);
});
