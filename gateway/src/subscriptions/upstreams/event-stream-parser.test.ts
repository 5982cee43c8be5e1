import { expect, test } from '@jest/globals';
import { EventStreamParser, EventTooLarge } from './event-stream-parser.js';

const stream =
  '\uFEFF: a comment\nevent: next\r\ndata: {"a":\rdata:1}\nid: 7\n\ndata\n\n:\n\nevent: complete\n\nevent: next\ndata: half';

test.each([1, 2, 3, 7, 1_000])('events are read whole from pieces of %d characters', (size) => {
  const parser = new EventStreamParser(100);
  const events = [];

  for (let start = 0; start < stream.length; start += size)
    events.push(...parser.read(stream.slice(start, start + size)));

  expect(events).toEqual([
    { type: 'next', data: '{"a":\n1}', id: '7' },
    { type: 'message', data: '', id: undefined },
    { type: 'complete', data: '', id: undefined },
  ]);
});

test.each([
  ['one line', `data: ${'x'.repeat(200)}`],
  ['many lines', 'data: x\n'.repeat(50)],
])('an event that grows too large by %s is not kept', (_case, text) => {
  expect(() => new EventStreamParser(100).read(text)).toThrow(EventTooLarge);
});
