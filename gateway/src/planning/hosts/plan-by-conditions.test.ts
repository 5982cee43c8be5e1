import { describe, expect, test } from '@jest/globals';
import { parse, print, stripIgnoredCharacters, type DocumentNode } from 'graphql';
import type { PlanNode } from '../query-plan.js';
import { anchorObjects } from './anchor-objects.js';
import { planByConditions } from './plan-by-conditions.js';

const texts = (document: DocumentNode): string => stripIgnoredCharacters(print(document));

/** Plans an operation as one fetch of itself, and an entity fetch that requires `weight`. */
const plan = async (document: DocumentNode): Promise<PlanNode> => ({
  kind: 'Sequence',
  nodes: [
    { kind: 'Fetch', serviceName: 'a', operation: texts(document) },
    { kind: 'Fetch', serviceName: 'b', operation: '{ shipping }', requires: [{ kind: 'Field', name: 'weight' }] },
  ],
});

const operations = (node: PlanNode | null | undefined): unknown => {
  if (node?.kind === 'Condition') return { [node.condition]: [operations(node.ifClause), operations(node.elseClause)] };
  return node?.kind === 'Sequence' && node.nodes[0]?.kind === 'Fetch' ? node.nodes[0].operation : node;
};

const planned = async (source: string): Promise<unknown> => operations(await planByConditions(parse(source), plan));

describe('an operation with conditions', () => {
  test('is planned once where no required field depends on them', async () => {
    expect(await planned('{ top { name @include(if: $a) weight } }')).toBe('{top{name@include(if:$a)weight}}');
  });

  test('is planned once where the required field is asked for anyway, or its object is not there either', async () => {
    for (const source of [
      '{top{weight ...@include(if:$a){weight}}}',
      '{top@include(if:$a){weight}}',
      '{top{...on Product{weight ...on Product@skip(if:$a){weight}}}}',
    ]) {
      expect(await planned(source)).toBe(source);
    }
  });

  test('is planned for each value of a condition by which an object is asked for more', async () => {
    expect(await planned('{top{id} top@include(if:$a){weight}}')).toEqual({
      a: ['{top{id}top{weight}}', '{top{id}}'],
    });
  });

  test('is planned for each value of a condition that a required field depends on', async () => {
    expect(await planned('{ top { name ... @include(if: $a) { weight } } }')).toEqual({
      a: ['{top{name ...{weight}}}', '{top{name}}'],
    });
  });

  test('is planned for each value of a condition that skips one field and includes another', async () => {
    expect(await planned('{ top @skip(if: $a) { id @include(if: $a) } other }')).toEqual({
      a: ['{other}', '{top{__typename}other}'],
    });
  });

  test('is refused where that is too many plans', async () => {
    const selection = ['a', 'b', 'c', 'd', 'e'].reduce(
      (inner, name) => `... @skip(if: $${name}) { ${inner} }`,
      'weight',
    );

    await expect(planned(`{ top { ${selection} } }`)).rejects.toThrow('more than 4 conditions');
  });

  test('asks every object for something that depends on none of them', () => {
    const anchored = anchorObjects(parse('{ me @skip(if: $a) { friends @skip(if: $b) { ...F name } } }'));

    expect(texts(anchored)).toBe('{me@skip(if:$a){friends@skip(if:$b){...F name}__typename}}');
  });
});
