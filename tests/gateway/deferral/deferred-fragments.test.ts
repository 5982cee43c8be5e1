import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { askInParts, formats, partsOf } from '../support/deferred-answers.js';
import { startGatewayOver, type GatewayOver } from '../support/gateway-over.js';
import { openRawStream } from '../support/raw-stream.js';
import { shop } from '../support/shop.js';

let running: GatewayOver;

beforeAll(async () => {
  running = await startGatewayOver(shop, { environment: { MAX_DEFERRED_FRAGMENTS: '10' } });
});

afterEach(() => {
  for (const name of ['accounts', 'products', 'reviews']) running.subgraph(name).answerAlways(undefined);
  for (const name of ['accounts', 'products', 'reviews']) running.subgraph(name).forgetRequests();
});

afterAll(() => running.close());

const open = (query: string, variables?: object, accept: string = formats['20220824']) =>
  openRawStream(running.url, { headers: { accept }, body: { query, variables } });

describe('in time', () => {
  test('the first part does not wait for a subgraph that only deferred fields need', async () => {
    running.subgraph('reviews').answerAlways({ kind: 'hang' });
    const stream = await open('{ me { name ... @defer { reviews { id } } } }');

    await stream.untilText('"hasNext":true');

    expect(partsOf(stream.response.headers['content-type'] ?? '', stream.text())).toEqual([
      { data: { me: { name: 'Ada' } }, hasNext: true },
    ]);
    stream.vanish();
    await running.subgraph('reviews').abandoned();
  });

  test('deferred fields of the first subgraph are asked for by key, after the first part', async () => {
    await askInParts(running.url, { query: '{ me { name ... @defer { email } } }' });

    const [first, later] = running.subgraph('accounts').requests;
    expect(first?.query).not.toContain('email');
    expect(later?.query).toContain('_entities');
    expect(later?.variables).toEqual({ representations: [{ __typename: 'User', id: 'u1' }] });
    expect(running.subgraph('accounts').requests).toHaveLength(2);
  });

  test('a fragment that is ready is told while another one is waited for', async () => {
    running.subgraph('reviews').answerAlways({ kind: 'hang' });
    const stream = await open(
      '{ me { id ... @defer(label: "slow") { reviews { id } } ... @defer(label: "fast") { email } } }',
    );

    await stream.untilText('"label":"fast"');

    expect(stream.text()).not.toContain('"label":"slow"');
    stream.vanish();
  });

  test('nothing is asked for twice', async () => {
    await askInParts(running.url, {
      query:
        '{ products { upc ... @defer(label: "a") { shipping } ... @defer(label: "b") { shipping reviews { id } } } }',
    });

    expect(running.subgraph('products').requests).toHaveLength(2);
    expect(running.subgraph('reviews').requests).toHaveLength(1);
  });

  test('nothing is fetched for a fragment whose object is not there', async () => {
    const parts = await askInParts(running.url, { query: '{ user(id: "none") { id ... @defer { reviews { id } } } }' });

    expect(parts).toEqual([{ data: { user: null }, hasNext: false }]);
    expect(running.subgraph('reviews').requests).toHaveLength(0);
  });

  test('fields of a mutation wait for what it answers, and it runs once', async () => {
    const parts = await askInParts(running.url, {
      query: 'mutation { rename(id: "u1", name: "New") { id ... @defer { reviews { id } email } } first(value: 1) }',
    });

    expect(parts[0]).toMatchObject({ data: { rename: { id: 'u1' }, first: 1 } });
    expect(parts[1]?.incremental?.[0]?.data).toMatchObject({ email: 'ada@example.test', reviews: [{}, {}] });
    expect(running.subgraph('accounts').requests.filter(({ query }) => query.includes('mutation'))).toHaveLength(2);
  });
});

describe('what fails later', () => {
  test('is an error at its path in the part it belongs to', async () => {
    running.subgraph('reviews').answerAlways({ kind: 'json', body: { errors: [{ message: 'x' }] } });

    const parts = await askInParts(running.url, {
      query: '{ users { name ... @defer(label: "r") { reviews { id } } } }',
    });

    expect(parts[0]).toMatchObject({ data: { users: [{ name: 'Ada' }, {}, {}] }, hasNext: true });
    expect(parts[0]).not.toHaveProperty('errors');
    expect(parts[1]?.incremental).toMatchObject(
      [0, 1, 2].map((index) => ({
        label: 'r',
        path: ['users', index],
        data: null,
        errors: [{ path: ['users', index, 'reviews'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
      })),
    );
  });

  test('is told as a failed fragment in format v0.2', async () => {
    running.subgraph('reviews').answerAlways({ kind: 'json', body: { errors: [{ message: 'x' }] } });

    const parts = await askInParts(
      running.url,
      { query: '{ me { name ... @defer { reviews { id } } } }' },
      formats['v0.2'],
    );

    expect(parts[0]).toMatchObject({ pending: [{ id: '1', path: ['me'] }] });
    expect(parts[1]).toMatchObject({
      completed: [{ id: '1', errors: [{ path: ['me', 'reviews'] }] }],
      hasNext: false,
    });
    expect(parts[1]).not.toHaveProperty('incremental');
  });

  test('does not take back what was told before', async () => {
    running.subgraph('accounts').answerNext(
      {
        kind: 'json',
        body: { data: { users: [{ __typename: 'User', id: 'u1', friends: [{ __typename: 'User', id: 'u2' }] }] } },
      },
      { kind: 'json', body: { data: { _entities: [null] }, errors: [{ message: 'x', path: ['_entities', 0] }] } },
    );

    const parts = await askInParts(running.url, {
      query: '{ users { id friends { id } ... @defer { friends { id email } } } }',
    });

    expect(parts[0]?.data).toEqual({ users: [{ id: 'u1', friends: [{ id: 'u2' }] }] });
    expect(parts[1]?.incremental).toMatchObject([{ path: ['users', 0], data: null, errors: [{}] }]);
  });
});

test('a deadline holds for the whole answer: what has not come by then is told as failed', async () => {
  const hurried = await startGatewayOver(shop, { environment: { REQUEST_TIMEOUT_MS: '1000' } });
  try {
    hurried.subgraph('reviews').answerAlways({ kind: 'hang' });

    const parts = await askInParts(hurried.url, { query: '{ me { name ... @defer { reviews { id } } } }' });

    expect(parts).toMatchObject([
      { data: { me: { name: 'Ada' } }, hasNext: true },
      { incremental: [{ errors: [{ extensions: { code: 'SUBGRAPH_TIMEOUT' } }] }], hasNext: false },
    ]);
    await hurried.subgraph('reviews').abandoned();
  } finally {
    await hurried.close();
  }
});

describe('what is asked for', () => {
  test('a variable decides whether a fragment is deferred', async () => {
    const query = 'query ($later: Boolean!) { me { id ... @defer(if: $later) { name } } }';

    expect(await askInParts(running.url, { query, variables: { later: true } })).toHaveLength(2);
    expect(await askInParts(running.url, { query, variables: { later: false } })).toEqual([
      { data: { me: { id: 'u1', name: 'Ada' } }, hasNext: false },
    ]);
  });

  test.each(['application/json', '*/*', 'text/event-stream', 'multipart/mixed;deferSpec=1, application/json'])(
    'a client that accepts %s gets the whole answer at once',
    async (accept) => {
      const stream = await open('{ me { id ... @defer { name } } }', undefined, accept);
      await stream.ended;

      expect(stream.text()).toContain('{"data":{"me":{"id":"u1","name":"Ada"}}}');
    },
  );

  test.each([
    ['@stream', '{ users @stream { id } }', /stream/],
    ['@defer on a field', '{ me @defer { id } }', /defer/],
    ['@defer on the root of a mutation', 'mutation { ... @defer { first(value: 1) } }', /root of a mutation/],
    ['@defer in a subscription', 'subscription { userChanged(id: 1) { ... @defer { id } } }', /subscription/],
    ['a label twice', '{ me { ... @defer(label: "a") { id } ... @defer(label: "a") { name } } }', /twice/],
    ['a label that varies', 'query ($l: String) { me { ... @defer(label: $l) { id } } }', /text in the document/],
  ])('%s is a fault of validation', async (_name, query, message) => {
    const [answer] = await askInParts(running.url, { query });

    expect(answer?.errors?.[0]).toMatchObject({
      message: expect.stringMatching(message),
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
  });

  test('no more fragments are deferred than the limit, in fragments of fragments too', async () => {
    const flat = `{ me { ${'... @defer { id } '.repeat(11)} } }`;
    const nested = `{ me { ...A ...A ...A } } fragment A on User { ...B ...B } fragment B on User { ... @defer { id } ... @defer { name } }`;

    for (const query of [flat, nested]) {
      const [answer] = await askInParts(running.url, { query });
      expect(answer?.errors?.[0]?.extensions?.['code']).toBe('OPERATION_TOO_COMPLEX');
    }
  });
});
