import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AppError } from '@tessera/service/errors';
import type { SubgraphRequestObservation } from '@tessera/gateway/registry/subgraph-observer';
import { planners, startFederation, type Federation } from '../support/federation.js';
import { shop } from '../support/shop.js';
import { eventually } from '../../support/eventually.js';
import type { QueuedAnswer } from '../../support/fake-subgraph.js';

const source = '{ me { name reviews(first: 1) { body product { upc title: name price } } } top { sku } }';

const withoutProducts = {
  me: { name: 'Ada', reviews: [{ body: 'Good', product: { upc: 'p1', title: null, price: null } }] },
};

const unavailable = { code: 'SUBGRAPH_UNAVAILABLE', requestId: 'request-1' };

describe.each(planners)('a subgraph that fails (planned by %s)', (planner) => {
  let federation: Federation;
  let observed: SubgraphRequestObservation[];

  beforeEach(async () => {
    observed = [];
    federation = await startFederation(shop, {
      planner,
      client: {
        timeoutMs: 2_000,
        maxResponseBytes: 100_000,
        observer: { request: (observation) => observed.push(observation) },
      },
    });
    await federation.run(source);
    observed.length = 0;
  });

  afterEach(() => federation.close());

  const faulty: readonly (readonly [string, QueuedAnswer])[] = [
    ['answers with HTML and status 500', { kind: 'text', status: 500, body: '<h1>Internal Server Error</h1>' }],
    ['answers with text that is no JSON', { kind: 'text', body: '{"data": {' }],
    ['answers with JSON that is no GraphQL answer', { kind: 'json', body: [{ data: {} }] }],
    ['answers with neither data nor errors', { kind: 'json', body: { data: null } }],
    ['answers with more than may be read', { kind: 'json', body: { data: { top: { sku: 'x'.repeat(200_000) } } } }],
    ['closes every connection', { kind: 'reset' }],
  ];

  test.each(faulty)('and %s leaves the other subgraphs their fields', async (_name, answer) => {
    federation.subgraph('products').answerAlways(answer);

    const result = await federation.run(source);

    expect(result.data).toEqual({ ...withoutProducts, top: null });
    expect(result.errors).toEqual([
      expect.objectContaining({ path: ['me', 'reviews', 0, 'product', 'title'], extensions: unavailable }),
      expect.objectContaining({ path: ['me', 'reviews', 0, 'product', 'price'], extensions: unavailable }),
      expect.objectContaining({ path: ['top'], extensions: unavailable }),
    ]);
    expect(result.errors?.[0]?.message).toBe('Subgraph "products" is not available');
  });

  test('because it is dead leaves the other subgraphs their fields', async () => {
    await federation.subgraph('products').close();

    const result = await federation.run(source);

    expect(result.data).toEqual({ ...withoutProducts, top: null });
    expect(observed.filter(({ subgraph }) => subgraph === 'products').map(({ outcome }) => outcome)).toEqual([
      'unavailable',
      'unavailable',
    ]);
  });

  test('because it hangs is given up at the deadline', async () => {
    federation.subgraph('products').answerAlways({ kind: 'hang' });

    const result = await federation.run(source);

    expect(result.data).toEqual({ ...withoutProducts, top: null });
    expect(result.errors?.at(-1)).toMatchObject({ path: ['top'], extensions: { code: 'SUBGRAPH_TIMEOUT' } });
    expect(observed).toContainEqual(expect.objectContaining({ subgraph: 'products', outcome: 'timeout' }));
    await federation.subgraph('products').abandoned();
  });

  test('by losing one kept connection is asked once more', async () => {
    federation.subgraph('products').answerNext({ kind: 'reset' });

    const result = await federation.run('{ top { name } }');

    expect(result).toEqual({ data: { top: { name: 'Table' } } });
  });

  test('empties the whole answer where none of its fields may be null, with one error', async () => {
    federation.subgraph('products').answerAlways({ kind: 'text', body: 'x' });

    const result = await federation.run('{ me { name } products { name } }');

    expect(result.data).toBeNull();
    expect(result.errors).toEqual([expect.objectContaining({ path: ['products'], extensions: unavailable })]);
  });

  test('to fill a required field fails what depends on it, for the same reason', async () => {
    federation.subgraph('products').answerAlways({ kind: 'text', body: 'x' });

    const result = await federation.run('{ me { reviews(first: 1) { product { shipping } } } }');

    expect(result.data).toEqual({ me: { reviews: [{ product: { shipping: null } }] } });
    expect(result.errors).toEqual([
      expect.objectContaining({ path: ['me', 'reviews', 0, 'product', 'shipping'], extensions: unavailable }),
    ]);
  });

  test('with an error that has no path is told at the fields that were asked for', async () => {
    federation.subgraph('products').answerAlways({
      kind: 'json',
      status: 503,
      body: { errors: [{ message: 'Too busy', extensions: { code: 'OVERLOADED', retryAfterSeconds: 2 } }] },
    });

    const result = await federation.run('{ top { name } me { name } }');

    expect(result).toEqual({
      errors: [
        {
          message: 'Too busy',
          path: ['top'],
          extensions: { code: 'OVERLOADED', requestId: 'request-1', retryAfterSeconds: 2 },
        },
      ],
      data: { top: null, me: { name: 'Ada' } },
    });
  });

  test('is not waited for once the client has gone', async () => {
    federation.subgraph('accounts').answerAlways({ kind: 'hang' });
    const client = new AbortController();

    federation.subgraph('accounts').forgetRequests();
    const answer = federation.run('{ me { name } }', {}, { signal: client.signal });
    await eventually(() => federation.subgraph('accounts').requests.length > 0);
    client.abort(new AppError('OVERLOADED', 'The client has gone'));

    expect((await answer).data).toEqual({ me: null });
    await federation.subgraph('accounts').abandoned();
    expect(observed).toEqual([expect.objectContaining({ outcome: 'aborted' })]);
  });
});
