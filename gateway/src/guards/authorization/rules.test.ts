import { describe, expect, test } from '@jest/globals';
import { eitherRules, fulfils, joinRules, noRules, policiesOf, type Rights, type Rule, type Rules } from './rules.js';

const of = (...rules: Rule[]): Rules => new Map(rules.map((rule) => [JSON.stringify(rule), rule]));
const authenticated = of({ kind: 'authenticated' });
const scopes = (...anyOf: string[][]): Rules => of({ kind: 'scopes', anyOf });
const policies = (...anyOf: string[][]): Rules => of({ kind: 'policies', anyOf });
const rights = (given: Partial<Rights> = {}): Rights => ({
  isAuthenticated: true,
  scopes: new Set(),
  policies: new Set(),
  ...given,
});

test('nobody needs anything where there is no rule', () => {
  expect(fulfils(noRules, rights({ isAuthenticated: false }))).toBe(true);
});

test('all names of one list are needed', () => {
  const rules = scopes(['a', 'b'], ['c']);

  expect(fulfils(rules, rights({ scopes: new Set(['a', 'b']) }))).toBe(true);
  expect(fulfils(rules, rights({ scopes: new Set(['c']) }))).toBe(true);
  expect(fulfils(rules, rights({ scopes: new Set(['b']) }))).toBe(false);
});

test('a rule without alternatives is fulfilled by nobody', () => {
  expect(fulfils(policies(), rights({ policies: new Set(['']) }))).toBe(false);
});

test('joined rules must all hold', () => {
  const rules = joinRules(authenticated, noRules, scopes(['a']), authenticated);

  expect(rules.size).toBe(2);
  expect(fulfils(rules, rights({ scopes: new Set(['a']) }))).toBe(true);
  expect(fulfils(rules, rights({ isAuthenticated: false, scopes: new Set(['a']) }))).toBe(false);
});

describe('of alternatives one must hold', () => {
  test('and nothing is asked for where one asks for nothing', () => {
    expect(eitherRules([authenticated, noRules])).toBe(noRules);
    expect(eitherRules([])).toBe(noRules);
  });

  test('and equal alternatives are one', () => {
    expect(eitherRules([authenticated, authenticated])).toBe(authenticated);
  });

  test('and each is judged by itself', () => {
    const rules = eitherRules([scopes(['a']), policies(['p'])]);

    expect(fulfils(rules, rights({ policies: new Set(['p']) }))).toBe(true);
    expect(fulfils(rules, rights({ scopes: new Set(['a']) }))).toBe(true);
    expect(fulfils(rules, rights())).toBe(false);
    expect([...policiesOf(rules)]).toEqual(['p']);
  });
});
