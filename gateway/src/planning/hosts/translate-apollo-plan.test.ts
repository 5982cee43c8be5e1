import { describe, expect, test } from '@jest/globals';
import type { FetchNode } from '@apollo/query-planner';
import { translateApolloPlan } from './translate-apollo-plan.js';

const aFetch = (parts: Partial<FetchNode> = {}): FetchNode => ({
  kind: 'Fetch',
  serviceName: 'reviews',
  operation: '{ a }',
  operationName: undefined,
  operationKind: 'query' as FetchNode['operationKind'],
  ...parts,
});

describe('a plan of Apollo’s planner', () => {
  test('keeps its order, and has its paths around its fetches', () => {
    const node = translateApolloPlan({
      kind: 'QueryPlan',
      node: {
        kind: 'Sequence',
        nodes: [
          aFetch(),
          {
            kind: 'Flatten',
            path: ['me', 'reviews', '@'],
            node: { kind: 'Condition', condition: 'yes', ifClause: aFetch() },
          },
        ],
      },
    });

    expect(node).toMatchObject({
      kind: 'Sequence',
      nodes: [
        { kind: 'Fetch', serviceName: 'reviews' },
        {
          kind: 'Condition',
          condition: 'yes',
          ifClause: { kind: 'Flatten', path: [{ Field: 'me' }, { Field: 'reviews' }, '@'], node: { kind: 'Fetch' } },
          elseClause: null,
        },
      ],
    });
  });

  test('says what entities are made of, and what is rewritten', () => {
    const node = translateApolloPlan({
      kind: 'QueryPlan',
      node: aFetch({
        requires: [
          {
            kind: 'InlineFragment',
            selections: [
              { kind: 'InlineFragment', typeCondition: 'User', selections: [{ kind: 'Field', name: 'id' }] },
            ],
          },
        ],
        inputRewrites: [{ kind: 'ValueSetter', path: ['... on User', '__typename'], setValueTo: 'Person' }],
        outputRewrites: [{ kind: 'KeyRenamer', path: ['... on User', 'name__alias_0'], renameKeyTo: 'name' }],
      }),
    });

    const path = [{ TypenameEquals: ['User'] }];
    expect(node).toMatchObject({
      requires: [{ kind: 'InlineFragment', typeCondition: 'User', selections: [{ kind: 'Field', name: 'id' }] }],
      inputRewrites: [{ ValueSetter: { path: [...path, { Key: '__typename' }], setValueTo: 'Person' } }],
      outputRewrites: [{ KeyRenamer: { path: [...path, { Key: 'name__alias_0' }], renameKeyTo: 'name' } }],
    });
  });

  test('opens a stream and goes on with the rest', () => {
    const node = translateApolloPlan({
      kind: 'QueryPlan',
      node: { kind: 'Subscription', primary: aFetch(), rest: aFetch({ serviceName: 'users' }) },
    });

    expect(node).toMatchObject({
      kind: 'Sequence',
      nodes: [
        { kind: 'Subscription', primary: { serviceName: 'reviews' } },
        { kind: 'Fetch', serviceName: 'users' },
      ],
    });
  });

  test('is refused where it needs what the executor cannot do', () => {
    const contextRewrites: FetchNode['contextRewrites'] = [{ kind: 'KeyRenamer', path: ['..', 'a'], renameKeyTo: 'b' }];

    expect(() => translateApolloPlan({ kind: 'QueryPlan', node: aFetch({ contextRewrites }) })).toThrow('context');
  });
});
