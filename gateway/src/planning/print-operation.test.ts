import { expect, test } from '@jest/globals';
import { parse, print } from 'graphql';
import { printOperation } from './print-operation.js';

test.each([
  '{ a }',
  'query Named($a: [Int!]! = [1, 2] @d(e: "}"), $b: In = { c: null }) @live { b: a(x: $a, y: { z: "\\"{" }) @skip(if: true) { c d } e }',
  'mutation { a { ... on B { c } ... { d } ...F ... on E @include(if: true) { f g { h } } ...G @d(x: 1) i } } fragment F on B @d { x { y } } fragment G on B { z }',
  'subscription S { a(text: """block "quoted" text""", list: [A, B], number: -1.5e3) { __typename } }',
])('%s is printed so that it is parsed as it was', (text) => {
  const document = parse(text, { noLocation: true });

  expect(print(parse(printOperation(document)))).toBe(print(document));
});
