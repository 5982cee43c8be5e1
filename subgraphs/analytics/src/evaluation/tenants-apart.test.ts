import { expect, test } from '@jest/globals';
import { TenantsApart } from './tenants-apart.js';

/** Whose turns come in a pass. */
function aPass(apart: TenantsApart): string[] {
  apart.beginPass();
  const turns: string[] = [];
  for (let turn = apart.takeTurn(); turn !== undefined; turn = apart.takeTurn()) turns.push(turn);
  return turns;
}

test('each has one turn a pass, until it goes', () => {
  const apart = new TenantsApart();
  apart.add(['a', 'b']);

  expect(aPass(apart)).toEqual(['a', 'b']);
  apart.delete('a');
  expect(aPass(apart)).toEqual(['b']);
  expect([apart.has('a'), apart.has('b')]).toEqual([false, true]);
});

test('who comes new in the middle of a pass is next, before those that have failed alone', () => {
  const apart = new TenantsApart();
  apart.add(['slow', 'slower']);
  aPass(apart);

  apart.beginPass();
  expect(apart.takeTurn()).toBe('slow');
  apart.add(['innocent']);

  expect([apart.takeTurn(), apart.takeTurn(), apart.takeTurn()]).toEqual(['innocent', 'slower', undefined]);
});
