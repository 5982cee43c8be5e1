import { expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { readLinkedDirectives } from './linked-directives.js';

const read = (headers: string) => readLinkedDirectives(parse(`schema ${headers} { query: Query }`));

test('a feature that is linked plainly keeps its name', () => {
  const { requiresScopes, policy } = read('@link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)');

  expect(requiresScopes).toContain('requiresScopes');
  expect(policy.size).toBe(0);
});

test('an import renames the directive alone', () => {
  const { authenticated } = read(
    '@link(url: "https://specs.apollo.dev/authenticated/v0.1", import: [{ name: "@authenticated", as: "@signedIn" }])',
  );

  expect(authenticated).toContain('signedIn');
});

test('an alias of the specification renames its directive', () => {
  const { policy } = read('@link(url: "https://specs.apollo.dev/policy/v0.1", as: "rule")');

  expect(policy).toContain('rule');
  expect(policy).not.toContain('policy');
});

test('headers are understood whatever the directive that carries them is called', () => {
  const { authenticated } = read('@hyperlink(url: "https://specs.apollo.dev/authenticated/v0.1")');

  expect(authenticated).toContain('authenticated');
});

test('headers of older supergraphs are understood', () => {
  const { authenticated } = read('@core(feature: "https://specs.apollo.dev/authenticated/v0.1", as: "auth")');

  expect(authenticated).toContain('auth');
});

test('a feature with a name of the language is none', () => {
  expect(() => read('@link(url: "https://specs.apollo.dev/constructor/v0.1")')).not.toThrow();
});
