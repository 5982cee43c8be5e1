import { expect, test } from '@jest/globals';
import { builtInSettings } from './setting-definition.js';
import { createDocumentCheck } from './document-check.js';

test('the built-in settings fit their own schemas', () => {
  const faults = builtInSettings.flatMap(({ schema, defaultValue }) => createDocumentCheck(schema)(defaultValue));

  expect(faults).toEqual([]);
});

test('says everything that is wrong with a document in words', () => {
  const check = createDocumentCheck({
    type: 'object',
    required: ['colour'],
    properties: { size: { type: 'integer', maximum: 3 } },
  });

  expect(check({ colour: 'red', size: 2 })).toEqual([]);
  expect(check({ size: 9 })).toEqual(["value must have required property 'colour'"]);
  expect(check({ colour: 'red', size: 9 })).toEqual(['/size must be <= 3']);
});

test.each([
  ['a reference to another host', { $ref: 'https://attacker.example/schema.json' }],
  ['a reference to itself', { properties: { next: { $ref: '#' } } }],
  ['a pattern', { type: 'string', pattern: '^(a+)+$' }],
  ['patterns of properties', { type: 'object', patternProperties: { '^(a+)+$': {} } }],
  ['an unknown keyword', { type: 'string', shape: 'round' }],
  ['an unknown type', { type: 'colour' }],
  ['an unknown format', { type: 'string', format: 'regex' }],
  ['more than 16 KB', { type: 'string', enum: ['x'.repeat(17_000)] }],
])('a schema with %s is refused', (_what, schema) => {
  expect(() => createDocumentCheck(schema)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
});

test.each([
  ['colour', '#12ab9F', '#12ab9'],
  ['date', '2026-02-28', '2026-13-01'],
  ['date-time', '2026-02-28T10:00:00.123Z', '2026-02-28 10:00'],
  ['email', 'a@example.com', 'a b@example.com'],
  ['locale', 'zh-Hans-CN', 'not a locale'],
  ['time-zone', 'Europe/Zurich', 'Mars/Olympus'],
  ['uri', 'https://example.com/logo.png', 'javascript:alert(1)'],
  ['uuid', '0199f0d2-7f3a-7c3e-9c55-0a2a8a4d6b11', '0199f0d2'],
])('format %s takes %s and not %s', (format, good, bad) => {
  const check = createDocumentCheck({ type: 'string', format });

  expect(check(good)).toEqual([]);
  expect(check(bad)).toEqual([`value must match format "${format}"`]);
});

test.each(['colour', 'date', 'date-time', 'email', 'locale', 'time-zone', 'uri', 'uuid'])(
  'format %s answers about 16 KB of anything',
  (format) => {
    const check = createDocumentCheck({ type: 'string', format });

    for (const part of ['a', '@', '0:', '-a', ' ', 'a@']) expect(check(part.repeat(8_000))).toHaveLength(1);
  },
);
