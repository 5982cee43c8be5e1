import { expect, test } from '@jest/globals';
import { avoidConflicts } from './avoid-conflicts.js';
import { newSelection, printSelection, selectionOn, type FetchField } from './fetch-selection.js';

const field = (type: string): FetchField => ({ name: 'size', arguments: [], type, below: undefined, alias: undefined });

test('fields of one key that no answer could hold together are asked under different names, and put back', () => {
  const selection = newSelection();
  selectionOn(selection, 'Box').fields.set('size', field('Int!'));
  selectionOn(selection, 'Bag').fields.set('size', field('Int'));

  const rewrites = avoidConflicts(selection, () => true);

  expect(printSelection(selection)).toBe('{ ... on Box { size } ... on Bag { _1_size: size } }');
  expect(rewrites).toEqual([
    { KeyRenamer: { path: [{ TypenameEquals: ['Bag'] }, { Key: '_1_size' }], renameKeyTo: 'size' } },
  ]);
});

test('fields of one key and one shape keep their names', () => {
  const selection = newSelection();
  for (const typeName of ['Box', 'Bag']) selectionOn(selection, typeName).fields.set('size', field('Int'));

  expect(avoidConflicts(selection, () => true)).toEqual([]);
});
