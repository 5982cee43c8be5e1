import { hash as digest } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { ManifestFault, manifestLimits } from './manifest.js';
import { parseManifest } from './parse-manifest.js';

const query = 'query Names { people { name } }';
const sha256 = (text: string): string => digest('sha256', text);

const apollo = (...operations: object[]) => ({
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: operations.map((operation) => ({
    id: sha256(query),
    name: 'Names',
    type: 'query',
    body: query,
    ...operation,
  })),
});

const reasonsOf = async (content: unknown): Promise<readonly string[]> => {
  const thrown = await parseManifest(content).catch((error: unknown) => error);
  if (thrown instanceof ManifestFault) return thrown.reasons;
  throw new Error('The manifest was taken');
};

describe('what is taken', () => {
  test('a manifest of Apollo, with operations of one client and of any', async () => {
    const { format, operations } = await parseManifest(apollo({}, { clientName: 'ios' }));

    expect(format).toBe('apollo');
    expect(operations.map(({ id, name, clientName }) => ({ id, name, clientName }))).toEqual([
      { id: sha256(query), name: 'Names', clientName: undefined },
      { id: sha256(query), name: 'Names', clientName: 'ios' },
    ]);
  });

  test.each([
    ['a map of Relay, with MD5', { '0123456789abcdef0123456789abcdef': query }, 'map'],
    ['a map of GraphQL Codegen, with SHA-256', { [sha256(query)]: query }, 'map'],
    ['pairs of Relay', [['1', query]], 'relay-pairs'],
  ])('%s', async (_name, content, format) => {
    const manifest = await parseManifest(JSON.stringify(content));

    expect(manifest.format).toBe(format);
    expect(manifest.operations).toHaveLength(1);
    expect(manifest.operations[0]).toMatchObject({ name: 'Names', body: query, hash: sha256(query) });
  });

  test('ids of the form sha256:..., kept without prefix and in small letters', async () => {
    const { operations } = await parseManifest({ [`sha256:${sha256(query).toUpperCase()}`]: query });

    expect(operations[0]?.id).toBe(sha256(query));
  });

  test('texts that differ in white space, comments and the order of definitions normalise to one', async () => {
    const one = 'query A { people { ...P } } fragment P on Person { name id }';
    const same = '# a comment\nfragment P on Person {\n name\n id }\n\nquery A { people { ...P } }';
    const reordered = 'query A { people { ...P } } fragment P on Person { id name }';

    const { operations } = await parseManifest({ one, same, reordered });

    const [first, second, third] = operations.map(({ normalisedHash }) => normalisedHash);
    expect(first).toBe(second);
    expect(first).not.toBe(third);
  });
});

describe('what is refused, with its reasons', () => {
  test.each([
    ['no JSON', '{', /not valid JSON/],
    ['a number', 7, /must be a JSON object/],
    ['nothing', {}, /no operations/],
    ['another format', { format: 'x', operations: [] }, /format "x" is not known/],
    ['another version', { ...apollo({}), version: 2 }, /version/],
    ['a map of no texts', { a: 1 }, /a map of ids to texts\.a/],
    ['pairs of three', [['a', query, 'b']], /a list of \[id, text\]\.0/],
    ['an id that is not the SHA-256 of its text', { [sha256('x')]: query }, /not the SHA-256 of its text/],
    ['an id with a line break', { 'a\nb': query }, /characters that no id may have/],
    ['a text that does not parse', { a: 'query {' }, /Syntax Error.*line 1/],
    ['a text without an operation', { a: 'fragment F on Person { name }' }, /no operation/],
    ['a name that its text has not', apollo({ name: 'Other' }), /Names.*|no operation of the name Other/],
    ['a type that is another', apollo({ type: 'mutation' }), /it is a query, not a mutation/],
    [
      'one id for two documents',
      [
        ['a', query],
        ['a', 'query Other { people { id } }'],
      ],
      /stands for another document/,
    ],
    ['a text that nests without end', { a: `{a${'{a'.repeat(20_000)}${'}'.repeat(20_001)}` }, /deep|tokens/],
    ['a text that is too long', { a: `{ a } #${'x'.repeat(manifestLimits.maxBodyCharacters)}` }, /longer than/],
  ])('%s', async (_name, content, reason) => {
    expect((await reasonsOf(content)).join('\n')).toMatch(reason);
  });

  test('every bad operation of a manifest is named, up to twenty', async () => {
    const bad = Object.fromEntries(Array.from({ length: 30 }, (_value, index) => [`id${index}`, 'query {']));

    const reasons = await reasonsOf({ good: query, ...bad });

    expect(reasons).toHaveLength(20);
    expect(reasons[0]).toContain('operation id0');
  });

  test('more operations than the limit', async () => {
    const limits = { ...manifestLimits, maxOperations: 1 };

    await expect(parseManifest({ a: query, b: query }, limits)).rejects.toThrow(/2 operations, and 1 are the most/);
  });
});
