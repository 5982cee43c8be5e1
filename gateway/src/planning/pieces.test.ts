import { afterAll, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { parseSupergraph } from './parse-supergraph.js';
import { atOnce, inTurns, type Pieces } from './pieces.js';
import { Rests } from './rests.js';

const rests = new Rests();
afterAll(() => rests.close());

function* busyPieces(count: number, pieceMs: number): Pieces<number> {
  for (let piece = 0; piece < count; piece += 1) {
    const endsAtMs = performance.now() + pieceMs;
    while (performance.now() < endsAtMs);
    yield;
  }
  return count;
}

test('work in turns leaves others theirs, and comes to the same', async () => {
  let turns = 0;
  const count = (): NodeJS.Immediate => setImmediate(() => ((turns += 1), (counting = count())));
  let counting = count();

  const result = await inTurns(busyPieces(20, 6), rests);

  clearImmediate(counting);
  expect(result).toBe(atOnce(busyPieces(20, 0)));
  expect(turns).toBeGreaterThanOrEqual(18);
});

test('between two turns of work the event loop is at rest for longer than they take', async () => {
  const before = performance.eventLoopUtilization();

  await inTurns(busyPieces(20, 5), rests);

  const { active, idle } = performance.eventLoopUtilization(before);
  expect(idle).toBeGreaterThan(active);
});

test('what fails in a piece rejects', async () => {
  await expect(inTurns(parseSupergraph('type Query {'), rests)).rejects.toThrow(
    'Supergraph does not load: Syntax Error',
  );
});

test.each([
  'type Query { a: Int }',
  '"""of all"""\nschema { query: Q }\n\ntype Q { a(b: [C!]! = []): Int @d }',
  ' # c\n{ a }',
])('a definition at a time %p parses as all at once', (text) => {
  expect(atOnce(parseSupergraph(text)).document).toEqual(parse(text, { noLocation: true }));
});

test.each(['', '# nothing', 'type', 'type Query { a: Int } }'])('%p is no supergraph', (text) => {
  expect(() => atOnce(parseSupergraph(text))).toThrow('Supergraph does not load: Syntax Error');
});
