import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { planners, startFederation, type Federation } from '../support/federation.js';
import { shop } from '../support/shop.js';

describe.each(planners)('a federated query (planned by %s)', (planner) => {
  let federation: Federation;

  beforeAll(async () => {
    federation = await startFederation(shop, { planner });
  });

  afterAll(() => federation.close());

  beforeEach(() => {
    for (const name of Object.keys(shop)) federation.subgraph(name).forgetRequests();
  });

  test('follows entities through three subgraphs and back', async () => {
    const answer = await federation.run('{ me { name reviews { body author { name } product { name } } } }');

    expect(answer).toEqual({
      data: {
        me: {
          name: 'Ada',
          reviews: [
            { body: 'Good', author: { name: 'Ada' }, product: { name: 'Table' } },
            { body: 'Bad', author: { name: 'Ada' }, product: { name: 'Chair' } },
          ],
        },
      },
    });
  });

  test('asks for every entity once, however often it stands in the answer', async () => {
    await federation.run('{ users { friends { friends { reviews { product { name } } } } } }');

    const sent = federation.subgraph('products').requests.flatMap(({ variables }) => Object.values(variables).flat());
    expect(sent).toEqual([
      { __typename: 'Product', upc: 'p1' },
      { __typename: 'Product', upc: 'p2' },
    ]);
  });

  test('gives a required field, fetched with its own arguments, to the subgraph that requires it', async () => {
    const answer = await federation.run(
      '{ me { reviews(first: 1) { product { shipping(zone: 2) size price(currency: "JPY") } } } }',
    );

    const table = { shipping: 2 * (100 + 10 + 700), size: 70, price: 10_000 };
    expect(answer).toEqual({ data: { me: { reviews: [{ product: table }] } } });
  });

  test('takes a provided field from the subgraph that provides it', async () => {
    await federation.run('{ reviews { author { email } } }');

    expect(federation.subgraph('accounts').requests).toHaveLength(0);
    expect(federation.subgraph('reviews').requests).toHaveLength(1);
  });

  test('answers interfaces and unions by the type of each object', async () => {
    const answer = await federation.run(`{
      media { __typename ... on Book { length: pages } ... on Film { length: minutes } }
      search { ... on User { name reviews { body } } ... on Book { title pages } }
      node(id: "u2") { id ... on User { reviews { body } } }
    }`);

    expect(answer).toEqual({
      data: {
        media: [
          { __typename: 'Book', length: 412 },
          { __typename: 'Film', length: 117 },
        ],
        search: [
          { name: 'Bob', reviews: [{ body: 'Fine' }] },
          { title: 'Dune', pages: 412 },
        ],
        node: { id: 'u2', reviews: [{ body: 'Fine' }] },
      },
    });
  });

  test('keeps one alias apart that means different fields and arguments in different places', async () => {
    const answer = await federation.run(`{
      me { x: name(upper: true) friends { x: name reviews { x: body author { x: email } } } }
      top { x: price(currency: "JPY") upc: name name: upc }
    }`);

    expect(answer).toEqual({
      data: {
        me: {
          x: 'ADA',
          friends: [
            { x: 'Bob', reviews: [{ x: 'Fine', author: { x: 'bob@example.test' } }] },
            { x: 'Cid', reviews: [] },
          ],
        },
        top: { x: 10_000, upc: 'Table', name: 'p1' },
      },
    });
  });

  test('treats keys that every JavaScript object has as data', async () => {
    const answer = await federation.run('{ me { __proto__: name constructor: email toString: name(upper: true) } }');

    expect(JSON.stringify(answer)).toBe(
      '{"data":{"me":{"__proto__":"Ada","constructor":"ada@example.test","toString":"ADA"}}}',
    );
    expect(Object.hasOwn({}, 'name')).toBe(false);
  });

  test('orders the keys of the answer as the operation does, whatever came first', async () => {
    const answer = await federation.run('{ top { reviews { body } name } me { reviews { id } name } __typename }');

    expect(JSON.stringify(answer)).toMatch(
      /^{"data":{"top":{"reviews":.*,"name":"Table"},"me":{"reviews":.*"Query"}}$/,
    );
  });

  test('leaves out what is skipped, and does not ask for it', async () => {
    const source = `query ($skipped: Boolean!, $included: Boolean = false) {
      me { name @skip(if: $skipped) ...Reviews @include(if: $included) email }
    }
    fragment Reviews on User { reviews { body } }`;

    expect(await federation.run(source, { skipped: true })).toEqual({ data: { me: { email: 'ada@example.test' } } });
    expect(federation.subgraph('reviews').requests).toHaveLength(0);
    expect(await federation.run(source, { skipped: false, included: true })).toEqual({
      data: { me: { name: 'Ada', reviews: [{ body: 'Good' }, { body: 'Bad' }], email: 'ada@example.test' } },
    });
  });

  test('asks no subgraph where everything is skipped', async () => {
    expect(await federation.run('{ me @skip(if: true) { name } }')).toEqual({ data: {} });
  });

  test('sends coerced variables with their defaults, each subgraph only those that it uses', async () => {
    const source = `query ($text: String, $input: EchoInput, $zone: Int = 3, $representations: Int!) {
      echo(text: $text, input: $input, number: $representations)
      me { reviews(first: 1) { product { shipping(zone: $zone) } } }
    }`;

    const answer = await federation.run(source, { input: { nested: {} }, representations: 5, unknown: 1 });

    expect(JSON.parse(String(answer.data?.['echo']))).toEqual({
      number: 5,
      input: { color: 'RED', nested: { color: 'RED' } },
    });
    expect(answer.data?.['me']).toEqual({ reviews: [{ product: { shipping: 3 * 810 } }] });
    expect(federation.subgraph('accounts').requests.at(0)?.variables).not.toHaveProperty('zone');
  });

  test('refuses variables that do not fit before any subgraph is asked', async () => {
    const answer = await federation.run('query ($first: Int!) { products(first: $first) { name } }', { first: 'x' });

    expect(answer).toEqual({
      errors: [
        { message: expect.stringContaining('$first'), extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }) },
      ],
    });
    expect(federation.subgraph('products').requests).toHaveLength(0);
  });

  test('answers introspection from the public schema, beside data', async () => {
    const answer = await federation.run(
      `query ($name: String!) {
        ...Schema me { name } __typename color: __type(name: "Color") { enumValues { name } } t: __type(name: $name) { kind }
      }
      fragment Schema on Query { __schema { mutationType { name } } }`,
      { name: 'join__Graph' },
    );

    expect(answer).toEqual({
      data: {
        __schema: { mutationType: { name: 'Mutation' } },
        me: { name: 'Ada' },
        __typename: 'Query',
        color: { enumValues: [{ name: 'RED' }, { name: 'BLUE' }] },
        t: null,
      },
    });
  });
});
