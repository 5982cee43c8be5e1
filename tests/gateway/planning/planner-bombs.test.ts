import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Agent } from 'undici';
import { ask, startGatewayOver, type GatewayOver } from '../support/gateway-over.js';

const kinds = Array.from({ length: 24 }, (_, index) => index);

/** An interface whose objects' fields come from one subgraph or the other: every level multiplies the ways. */
const bombable = {
  left: {
    typeDefs: `
      type Query { node: Node  greeting: String }
      interface Node { id: ID!  next: Node  name: String  shared: Shared }
      type Shared @shareable { a: Int  b: Int  deeper: Shared }
      ${kinds
        .map((kind) =>
          kind % 2 === 0
            ? `type Kind${kind} implements Node @key(fields: "id") {
                id: ID!  next: Node @external  name: String @external  shared: Shared @shareable }`
            : `type Kind${kind} implements Node @key(fields: "id") {
                id: ID!  next: Node  name: String  shared: Shared @shareable }`,
        )
        .join('\n')}`,
    resolvers: { Query: { greeting: () => 'hello' } },
  },
  right: {
    typeDefs: `
      interface Node { id: ID!  next: Node  name: String  shared: Shared }
      type Shared @shareable { a: Int  c: Int  deeper: Shared }
      ${kinds
        .map((kind) =>
          kind % 2 === 0
            ? `type Kind${kind} implements Node @key(fields: "id") {
                id: ID!  next: Node  name: String  shared: Shared @shareable }`
            : `type Kind${kind} implements Node @key(fields: "id") {
                id: ID!  next: Node @external  name: String @external  shared: Shared @shareable }`,
        )
        .join('\n')}`,
    resolvers: {},
  },
};

const nested = (depth: number, field: string, inner: string): string =>
  depth === 0 ? inner : `${field} { ${nested(depth - 1, field, inner)} }`;

const chain = (length: number, spread: (next: string) => string): string =>
  [
    '{ node { ...F0 } }',
    ...Array.from(
      { length },
      (_, index) => `fragment F${index} on Node { ${index === length - 1 ? 'name' : spread(`F${index + 1}`)} }`,
    ),
  ].join('\n');

/** The number makes every text a new one, so that none of them is remembered. */
const bombs: readonly (readonly [string, (number: number) => string])[] = [
  [
    'a chain of fragments, each spread twice by the one before',
    (number) => chain(40 + number, (f) => `...${f} ...${f}`),
  ],
  ['such a chain through fields', (number) => chain(30 + number, (f) => `a: next { ...${f} } b: next { ...${f} }`)],
  [
    'such a chain through types',
    (number) => chain(20 + number, (f) => kinds.map((kind) => `... on Kind${kind} { ...${f} }`).join(' ')),
  ],
  ['an interface nested a few times', (number) => `{ node { ${nested(4 + number, 'next', 'name')} } }`],
  [
    'shared fields of two subgraphs, nested under many names',
    (number) => {
      const branch = nested(12, 'deeper', 'a b c');
      return `{ node { next { ${Array.from({ length: 60 + number }, (_, name) => `s${name}: shared { a b c ${branch} }`).join(' ')} } } }`;
    },
  ],
];

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

describe('a planner bomb', () => {
  let over: GatewayOver;
  const agent = new Agent({ connections: 20 });

  beforeAll(async () => {
    over = await startGatewayOver(bombable);
    await ask(over.url, '{ greeting }');
  });

  afterAll(async () => {
    await agent.close();
    await over.close();
  });

  test.each(bombs)('made of %s is refused within a second', async (_name, bomb) => {
    const startedAtMs = performance.now();

    const answer = await ask(over.url, bomb(0));

    expect(answer.errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['OPERATION_TOO_COMPLEX']);
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
  });

  test('costs nothing when it is sent again', async () => {
    const bomb = `{ node { ${nested(7, 'next', 'name')} } }`;
    await ask(over.url, bomb);
    const startedAtMs = performance.now();

    const answer = await ask(over.url, bomb);

    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'OPERATION_TOO_COMPLEX' });
    expect(performance.now() - startedAtMs).toBeLessThan(100);
  });

  test('leaves requests beside it as fast as they were', async () => {
    const measure = async (count: number): Promise<number[]> => {
      const durationsMs: number[] = [];
      while (durationsMs.length < count) {
        const startedAtMs = performance.now();
        expect(await ask(over.url, '{ greeting }', agent)).toEqual({ data: { greeting: 'hello' } });
        durationsMs.push(performance.now() - startedAtMs);
      }
      return durationsMs;
    };
    await measure(200);
    const alone = median(await measure(500));
    let number = 1;
    let isOver = false;
    const attacker = async (): Promise<void> => {
      while (!isOver) {
        number += 1;
        const [, bomb] = bombs[number % bombs.length] ?? [];
        if (bomb !== undefined) await ask(over.url, bomb(number % 10), agent);
      }
    };
    const attackers = Array.from({ length: 4 }, attacker);

    const beside = median(await measure(1_000));
    isOver = true;
    await Promise.all(attackers);

    // A machine that runs other tests meanwhile is measured by its own noise: a millisecond counts as none.
    expect(beside).toBeLessThan(2 * alone + 1);
  }, 60_000);
});
