import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { askInParts, formats, mergeParts } from '../support/deferred-answers.js';
import { ask, startGatewayOver, type GatewayOver } from '../support/gateway-over.js';
import { shop } from '../support/shop.js';

let running: GatewayOver;

beforeAll(async () => {
  running = await startGatewayOver(shop);
});

afterAll(() => running.close());

const operations: readonly [string, string][] = [
  ['a field of the same subgraph', '{ me { id ... @defer { name } } }'],
  ['fields of another subgraph', '{ me { name ... @defer(label: "r") { reviews { body } } } }'],
  ['a chain of subgraphs', '{ me { name ... @defer { reviews { body product { name price reviews { id } } } } } }'],
  ['a required field', '{ products { upc ... @defer { shipping } } }'],
  ['a required field beside what it requires', '{ products { upc price ... @defer { shipping(zone: 2) } } }'],
  ['fields in a list', '{ users { name ... @defer { reviews { body } } } }'],
  ['fields in lists of lists', '{ users { friends { id ... @defer { name reviews { body } } } } }'],
  ['fields that were told before', '{ me { name reviews { id } ... @defer { name reviews { id body } } } }'],
  [
    'several fragments at one object',
    '{ me { ... @defer(label: "a") { name } ... @defer(label: "b") { email reviews { id } } } }',
  ],
  ['everything of an object', '{ me { ... @defer { id name } } }'],
  ['everything', '{ ... @defer { me { name } top { name reviews { body } } } }'],
  ['root fields', 'query { me { name } ... @defer { users { name } reviews { body } } }'],
  [
    'fragments within fragments',
    '{ me { id ... @defer(label: "a") { reviews { id ... @defer(label: "b") { body product { name } } } } } }',
  ],
  [
    'a fragment within one at the same object',
    '{ me { ... @defer(label: "a") { name ... @defer(label: "b") { reviews { id } } } } }',
  ],
  ['a named fragment', '{ me { id ...F @defer } } fragment F on User { name reviews { body } }'],
  [
    'a named fragment in two places',
    '{ me { id ...F @defer friends { id ...F @defer } } } fragment F on User { name reviews { id } }',
  ],
  [
    'fields of some types of an interface',
    '{ media { id ... on Book @defer { title pages } ... on Film { minutes } } }',
  ],
  [
    'fields of a union',
    '{ search { __typename ... @defer { ... on User { name reviews { id } } ... on Book { pages } } } }',
  ],
  ['fields of an interface', '{ node(id: "u1") { id ... @defer { ... on User { name reviews { body } } } } }'],
  ['aliases', '{ m: me { i: id ... @defer { n: name upper: name(upper: true) r: reviews(first: 1) { b: body } } } }'],
  ['provided fields', '{ reviews { id ... @defer { author { email name } } } }'],
  ['introspection', '{ me { id ... @defer { __typename name } } ... @defer { __schema { queryType { name } } } }'],
  ['an object that is not there', '{ user(id: "none") { id ... @defer { name reviews { id } } } }'],
  ['a hidden value', '{ me { id ... @defer { color(hidden: true) } } }'],
  ['what is not deferred after all', '{ me { id ... @defer(if: false) { name } } }'],
  [
    'a condition that is not met',
    '{ me { id ... @defer @include(if: false) { name } ... @skip(if: true) { ... @defer { email } } } }',
  ],
];

const withoutDefer = (query: string): string => query.replaceAll(/@defer(\([^)]*\))?/g, '');

describe.each(operations)('%s', (_name, query) => {
  test.each(Object.entries(formats))('come later in format %s, and make the same answer', async (_format, accept) => {
    const whole = await ask(running.url, withoutDefer(query));

    const parts = await askInParts(running.url, { query }, accept);

    const merged = mergeParts(parts);
    expect(merged.data).toEqual(whole.data);
    expect(merged.errors?.map(({ path, message }) => ({ path, message }))).toEqual(
      whole.errors?.map(({ path, message }) => ({ path, message })),
    );
    expect(parts.map(({ hasNext }) => hasNext)).toEqual(parts.map((_part, index) => index < parts.length - 1));
  });
});
