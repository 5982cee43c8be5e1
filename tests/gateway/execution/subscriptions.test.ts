import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { aRequestContext, planners, startFederation, type Federation } from '../support/federation.js';
import { shop } from '../support/shop.js';

const source = `subscription ($id: ID!, $first: Int = 1) {
  changed: userChanged(id: $id) { name upc: email reviews(first: $first) { body product { name } } }
}`;

describe.each(planners)('a subscription (planned by %s)', (planner) => {
  let federation: Federation;

  beforeAll(async () => {
    federation = await startFederation(shop, { planner });
  });

  afterAll(() => federation.close());

  const prepare = () => federation.engine.prepare(parse(source), source);

  test('tells which subgraph to ask for the stream, with which variables', async () => {
    const prepared = await prepare();

    const context = aRequestContext();
    const { subgraph, query, variables } = await federation.engine.subscriptionFetch(
      prepared,
      { id: 'u1', unknown: true },
      context,
    );

    expect(prepared.kind).toBe('subscription');
    expect(subgraph).toBe('accounts');
    expect(query).toMatch(/^subscription/);
    expect(variables).toEqual({ id: 'u1' });
    expect(() => federation.engine.subscriptionFetch(prepared, {}, context)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT' }),
    );
  });

  test('completes an event with the fields of other subgraphs, and leaves the event as it came', async () => {
    const prepared = await prepare();
    const event = { data: { changed: { __typename: 'User', id: 'u1', name: 'Ada', upc_0: 'a@example.test' } } };
    const before = JSON.stringify(event);

    const answers = await Promise.all([
      federation.engine.executeEvent(prepared, event, { id: 'u1' }, aRequestContext()),
      federation.engine.executeEvent(prepared, event, { id: 'u1', first: 0 }, aRequestContext()),
    ]);

    const changed = { name: 'Ada', upc: 'a@example.test' };
    expect(answers).toEqual([
      { data: { changed: { ...changed, reviews: [{ body: 'Good', product: { name: 'Table' } }] } } },
      { data: { changed: { ...changed, reviews: [] } } },
    ]);
    expect(JSON.stringify(event)).toBe(before);
  });

  test('answers an event whose other subgraph is dead with an error at the missing field', async () => {
    federation.subgraph('reviews').answerAlways({ kind: 'reset' });
    const prepared = await prepare();
    const event = { data: { changed: { __typename: 'User', id: 'u1', name: 'Ada', upc_0: 'a@example.test' } } };

    const answer = await federation.engine.executeEvent(prepared, event, { id: 'u1' }, aRequestContext());

    expect(answer.data).toEqual({ changed: null });
    expect(answer.errors).toEqual([
      expect.objectContaining({
        path: ['changed', 'reviews'],
        extensions: { code: 'SUBGRAPH_UNAVAILABLE', requestId: 'request-1' },
      }),
    ]);
  });

  test('keeps the errors of an event at their paths', async () => {
    const prepared = await prepare();
    const event = {
      data: { changed: null },
      errors: [{ message: 'gone', path: ['changed'], extensions: { code: 'NOT_FOUND' } }],
    };

    const answer = await federation.engine.executeEvent(prepared, event, { id: 'u1' }, aRequestContext());

    expect(answer).toEqual({
      errors: [{ message: 'gone', path: ['changed'], extensions: { code: 'NOT_FOUND', requestId: 'request-1' } }],
      data: { changed: null },
    });
  });
});
