import { expect, test } from '@jest/globals';
import { avoidConflicts } from './avoid-conflicts.js';
import { newSelection, selectionOn, type FetchField } from './fetch-selection.js';

const field = (type: string): FetchField => ({ name: 'size', arguments: [], type, below: undefined, alias: undefined });

test('fields of one key that no answer could hold together are asked under different names, and put back', () => {
  const selection = newSelection();
  selectionOn(selection, ['Box']).fields.set('size', field('Int!'));
  selectionOn(selection, ['Bag']).fields.set('size', field('Int'));

  const rewrites = avoidConflicts(selection, () => true);

  const aliases = ['Box', 'Bag'].map((name) => selectionOn(selection, [name]).fields.get('size')?.alias);
  expect(aliases).toEqual([undefined, '_1_size']);
  expect(rewrites).toEqual([
    { KeyRenamer: { path: [{ TypenameEquals: ['Bag'] }, { Key: '_1_size' }], renameKeyTo: 'size' } },
  ]);
});

test('fields of one key and one shape keep their names', () => {
  const selection = newSelection();
  for (const typeName of ['Box', 'Bag']) selectionOn(selection, [typeName]).fields.set('size', field('Int'));

  expect(avoidConflicts(selection, () => true)).toEqual([]);
});
