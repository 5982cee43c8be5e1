import { describe, expect, test } from '@jest/globals';
import { buildSchema, execute, parse, type GraphQLSchema } from 'graphql';
import { createResultKeys } from '@tessera/gateway/planning/result-keys';
import { GeneratedCode } from '@tessera/gateway/execution/generated-code';
import { createPrepareAnswer } from '@tessera/gateway/response/prepare-answer';
import { maxErrors } from '@tessera/gateway/response/projection-state';
import { createChance } from '../support/random-operation.js';

const facts = {
  possibleTypes: new Map(),
  fieldNames: new Set<string>(),
  required: new Set<string>(),
  requiredWithArguments: new Set<string>(),
};

const schema: GraphQLSchema = buildSchema(`
  type Query { node: Node  strict: Node!  nodes: [Node]  strictNodes: [Node!]  allStrict: [Node!]!  grid: [[Int!]]  any: Any }
  type Node implements Any { id: Int  name: String!  child: Node  strictChild: Node!  color: Color }
  type Leaf implements Any { id: Int  size: Int! }
  interface Any { id: Int }
  enum Color { RED BLUE }
`);

const source = `{
  node { ...Deep } strict { id } nodes { ...Deep } strictNodes { name } allStrict { id name child { name } } grid
  any { __typename id ... on Leaf { size } ... on Node { name } }
}
fragment Deep on Node { id name child { name strictChild { name color } } }`;

/** A tree of the shape that the operation asks for, with nulls strewn over it. */
function aTree(chance: () => number): Record<string, unknown> {
  const maybe = <Value>(value: Value): Value | null => (chance() < 0.12 ? null : value);
  const list = <Value>(make: () => Value) => Array.from({ length: 2 }, make);
  const node = (depth: number): unknown =>
    maybe({
      __typename: 'Node',
      id: maybe(1),
      name: maybe('n'),
      color: maybe('RED'),
      child: depth === 0 ? null : node(depth - 1),
      strictChild: depth === 0 ? null : node(depth - 1),
    });
  return {
    node: node(3),
    strict: node(1),
    nodes: maybe(list(() => node(3))),
    strictNodes: maybe(list(() => node(1))),
    allStrict: maybe(list(() => node(2))),
    grid: maybe(list(() => maybe(list(() => maybe(1))))),
    any: maybe({ __typename: 'Leaf', id: 1, size: maybe(2) }),
  };
}

function aWriter(text: string, usesBeforeCode: number) {
  const document = parse(text);
  const [operation] = document.definitions;
  if (operation?.kind !== 'OperationDefinition') throw new Error('The operation comes first');
  const code = new GeneratedCode(usesBeforeCode).of(text);
  return { document, answer: createPrepareAnswer()(schema, document, operation, createResultKeys(facts), code) };
}

describe.each([
  ['before', 1_000],
  ['after', 0],
])('nulls in the result tree, %s code is generated', (...[, usesBeforeCode]) => {
  test('climb as graphql-js lets them climb, with its errors at its paths', async () => {
    const { document, answer } = aWriter(source, usesBeforeCode);

    for (let seed = 1; seed <= 500; seed += 1) {
      const tree = aTree(createChance(seed));
      const expected = await execute({ schema, document, rootValue: tree });
      const actual = answer.write(tree, [], {}, 'id');

      expect({ seed, data: JSON.stringify(actual.data) }).toEqual({ seed, data: JSON.stringify(expected.data) });
      expect(actual.errors?.[0]?.path).toEqual(expected.errors?.[0]?.path);
      expect(actual.errors?.[0]?.message).toEqual(expected.errors?.[0]?.message);
    }
  });

  test('are told of up to a limit, and beyond it are nulls all the same', () => {
    const { answer } = aWriter('{ nodes { name } }', usesBeforeCode);
    const tree = { nodes: Array.from({ length: maxErrors + 1 }, () => ({ name: null })) };

    const { data, errors } = answer.write(tree, [], {}, 'id');

    expect(data).toEqual({ nodes: tree.nodes.map(() => null) });
    expect(errors).toHaveLength(maxErrors);
    expect(errors?.at(-1)?.path).toEqual(['nodes', maxErrors - 1, 'name']);
  });
});
