import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { planners, startFederation, type Federation } from '../support/federation.js';

const reference = { __resolveReference: (given: object) => given };
const names = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

describe.each([...planners, 'auto' as const])('@skip and @include (planned by %s)', (planner) => {
  let federation: Federation;

  beforeAll(async () => {
    federation = await startFederation(
      {
        shop: {
          typeDefs: `
            type Query { first: Thing  second: Thing }
            type Thing @key(fields: "id") { id: ID!  weight: Int }`,
          resolvers: {
            Query: { first: () => ({ id: '1' }), second: () => ({ id: '2' }) },
            Thing: { ...reference, weight: ({ id }: { id: string }) => Number(id) },
          },
        },
        post: {
          typeDefs: `
            type Thing @key(fields: "id") {
              id: ID!  weight: Int @external  fee: Int @requires(fields: "weight")
              ${names.map((name) => `${name}: String`).join('\n')}
            }`,
          resolvers: {
            Thing: {
              ...reference,
              fee: ({ weight }: { weight: number }) => weight * 10,
              ...Object.fromEntries(names.map((name) => [name, () => name] as const)),
            },
          },
        },
      },
      { planner },
    );
  });

  afterAll(() => federation.close());

  test('decide the same at several places at once', async () => {
    const source = 'query ($a: Boolean!) { first @include(if: $a) { fee } second { fee @include(if: $a) id } }';

    expect(await federation.run(source, { a: false })).toEqual({ data: { second: { id: '2' } } });
    expect(await federation.run(source, { a: true })).toEqual({
      data: { first: { fee: 10 }, second: { fee: 20, id: '2' } },
    });
  });

  test('are not decided by null: nothing is asked then, and nothing done', async () => {
    const before = federation.subgraph('shop').requests.length;

    for (const directive of ['@skip', '@include']) {
      const source = `query ($a: Boolean = true) { first ${directive}(if: $a) { id } second { id } }`;
      const answer = await federation.run(source, { a: null });

      expect(answer).toMatchObject({
        errors: [
          {
            message: 'Variable "$a" of @skip or @include must not be null.',
            extensions: { code: 'BAD_USER_INPUT' },
          },
        ],
      });
      expect(answer).not.toHaveProperty('data');
      expect((await federation.run(source)).errors).toBeUndefined();
    }

    expect(federation.subgraph('shop').requests.length - before).toBe(2);
  });

  test('leave nobody asked for what only they would ask for', async () => {
    const before = federation.subgraph('post').requests.length;

    await federation.run('query ($a: Boolean!) { first { id fee @skip(if: $a) } }', { a: true });

    expect(federation.subgraph('post').requests.length).toBe(before);
  });

  test('may be as many as one likes', async () => {
    const source = `query (${names.map((name) => `$${name}: Boolean!`).join(' ')}) {
      first { ${names.map((name) => `${name} @include(if: $${name})`).join(' ')} fee @skip(if: $a) }
    }`;
    const variables = { a: true, b: false, c: true, d: false, e: false, f: true };

    expect(await federation.run(source, variables)).toEqual({ data: { first: { a: 'a', c: 'c', f: 'f' } } });
    expect(await federation.run(source, { ...variables, a: false })).toEqual({
      data: { first: { c: 'c', f: 'f', fee: 10 } },
    });
  });

  test('may contradict each other', async () => {
    const source = 'query ($a: Boolean!) { first @skip(if: $a) { fee @include(if: $a) } second { id } }';

    expect(await federation.run(source, { a: false })).toEqual({ data: { first: {}, second: { id: '2' } } });
    expect(await federation.run(source, { a: true })).toEqual({ data: { second: { id: '2' } } });
  });
});
