import { createHash } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import type { DomainEvent, EventBus } from '@tessera/service/events';
import { createLogger } from '@tessera/service/logging';
import { fieldUsesSchema, type FieldUses } from '@tessera/service/operations';
import { buildSchema, parse, type OperationDefinitionNode } from 'graphql';
import { startFieldUsage, type CountFields, type FieldUsage } from './field-usage.js';

const schema = buildSchema('type Query { a: Int b: Int }');
const logger = createLogger({ service: 'test', level: 'silent' });

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const started: FieldUsage[] = [];
afterEach(() => Promise.all(started.splice(0).map((usage) => usage.close())));

function start(publish: EventBus['publish'], intervalMs = 60_000): FieldUsage {
  const eventBus: EventBus = { publish, subscribe: () => ({ close: async () => undefined }) };
  const usage = startFieldUsage({ eventBus, logger, intervalMs });
  started.push(usage);
  return usage;
}

/** Collects what is reported. */
function startCollecting(): { readonly usage: FieldUsage; readonly reports: FieldUses[] } {
  const reports: FieldUses[] = [];
  const usage = start(async (events) => {
    reports.push(...events.map(({ payload }) => fieldUsesSchema.parse(payload)));
  });
  return { usage, reports };
}

/** An operation, ready to be used by clients. */
function prepare(count: CountFields, text: string) {
  const document = parse(text);
  const operation = document.definitions[0] as OperationDefinitionNode;
  return (clientName = 'web', clientVersion = '1'): void =>
    count({ hash: hashOf(text), document }, operation, { clientName, clientVersion });
}

test('uses are added up by operation, client and version, and each operation is described once', async () => {
  const { usage, reports } = startCollecting();
  const count = usage.forSchema(schema);
  const [useA, useB] = [prepare(count, 'query A { a }'), prepare(count, '{ b }')];

  useA();
  useA();
  useA('ios', '1');
  useA('ios', '2');
  useB();
  await usage.close();

  const [report] = reports;
  expect(report?.operations).toMatchObject([
    { operationName: 'A', coordinates: ['Query', 'Query.a'] },
    { operationName: 'anonymous', coordinates: ['Query', 'Query.b'] },
  ]);
  const [a, b] = report?.operations.map(({ key }) => key) ?? [];
  expect(report?.uses).toEqual([
    { key: a, clientName: 'web', clientVersion: '1', uses: 2 },
    { key: a, clientName: 'ios', clientVersion: '1', uses: 1 },
    { key: a, clientName: 'ios', clientVersion: '2', uses: 1 },
    { key: b, clientName: 'web', clientVersion: '1', uses: 1 },
  ]);
});

test('what was described is not described again, and the same text of another schema is', async () => {
  const { usage, reports } = startCollecting();
  const use = prepare(usage.forSchema(schema), '{ a }');
  const useElsewhere = prepare(usage.forSchema(buildSchema('type Query { a: Word } scalar Word')), '{ a }');

  use();
  await usage.close();
  use();
  useElsewhere();
  await usage.close();

  expect(reports.map(({ operations }) => operations.map(({ coordinates }) => coordinates))).toEqual([
    [['Query', 'Query.a']],
    [['Query', 'Query.a', 'Word']],
  ]);
  expect(reports[1]?.uses).toHaveLength(2);
});

test('a report that is not accepted is sent again as it was, and what was used meanwhile after it', async () => {
  const attempts: DomainEvent[] = [];
  const { promise: accepted, resolve } = Promise.withResolvers<void>();
  const usage = start(async (events) => {
    attempts.push(...events);
    if (attempts.length <= 2) {
      use();
      throw new Error('Redis is away');
    }
    if (attempts.length === 4) resolve();
  }, 5);
  const use = prepare(usage.forSchema(schema), '{ a }');

  use();
  await accepted;

  const ids = attempts.map(({ id }) => id);
  expect(ids.slice(0, 3)).toEqual([ids[0], ids[0], ids[0]]);
  expect(ids[3]).not.toBe(ids[0]);
  expect(attempts.slice(2, 4).map(({ payload }) => fieldUsesSchema.parse(payload).uses[0]?.uses)).toEqual([1, 2]);
});

test('who makes up names of clients makes no report longer than its bound, and no use is lost', async () => {
  const { usage, reports } = startCollecting();
  const use = prepare(usage.forSchema(schema), '{ a }');

  for (let client = 0; client < 20_000; client += 1) use(`made-up-${client}`);
  await usage.close();

  const uses = reports.flatMap((report) => report.uses);
  expect(uses).toHaveLength(5_001);
  expect(uses.reduce((sum, { uses: times }) => sum + times, 0)).toBe(20_000);
  expect(uses.at(-1)).toEqual({ key: 'other', clientName: 'other', clientVersion: 'other', uses: 15_000 });
  const other = reports.flatMap(({ operations }) => operations).find(({ key }) => key === 'other');
  expect(other?.coordinates).toEqual(['Query', 'Query.a']);
});

test('who sends a new text each time cannot make reports grow either: what such texts need is told together', async () => {
  const { usage, reports } = startCollecting();
  const fields = Array.from({ length: 1_000 }, (_, index) => `field${index}`);
  const count = usage.forSchema(buildSchema(`type Query { ${fields.map((name) => `${name}: Int`).join(' ')} }`));

  for (let text = 0; text < 150; text += 1) prepare(count, `query Text${text} { ${fields.join(' ')} }`)();
  await usage.close();

  const described = reports.flatMap(({ operations }) => operations);
  expect(described.reduce((sum, { coordinates }) => sum + coordinates.length, 0)).toBeLessThan(102_000);
  expect(described.at(-1)).toMatchObject({ key: 'other' });
  expect(described.at(-1)?.coordinates).toHaveLength(1_001);
  const uses = reports.flatMap((report) => report.uses);
  expect(uses.reduce((sum, { uses: times }) => sum + times, 0)).toBe(150);
});

test('nothing is sent while nothing is used', async () => {
  const { usage, reports } = startCollecting();

  await usage.close();

  expect(reports).toEqual([]);
});
