import { describe, expect, test } from '@jest/globals';
import { compareStreamIds, readEntries, readMaps, readPending, readStreamReply } from './stream-reply.js';

describe('replies about the event stream', () => {
  test('of a read hold entries with their text', () => {
    const reply = [
      [
        'tessera:events',
        [
          ['1-0', ['event', '{}']],
          ['2-0', ['other', 'x', 'event', '{"a":1}']],
        ],
      ],
    ];

    expect(readStreamReply(reply)).toEqual([
      { id: '1-0', text: '{}' },
      { id: '2-0', text: '{"a":1}' },
    ]);
  });

  test('of a read that timed out hold nothing', () => {
    expect(readStreamReply(null)).toEqual([]);
  });

  test('of a claim leave out what was trimmed, and tell an entry without an event', () => {
    expect(readEntries([null, ['1-0', ['foreign', 'x']]])).toEqual([{ id: '1-0', text: undefined }]);
  });

  test('about pending entries tell idleness and deliveries', () => {
    expect(readPending([['1-0', 'member', 1500, 3]])).toEqual([{ id: '1-0', idleMs: 1500, deliveries: 3 }]);
  });

  test('of XINFO become maps', () => {
    expect(readMaps([['name', 'tenant', 'pending', 2]])).toEqual([
      new Map<string, unknown>([
        ['name', 'tenant'],
        ['pending', 2],
      ]),
    ]);
  });
});

describe('compareStreamIds', () => {
  test('orders by time, then by number, as numbers and not as text', () => {
    const ids = ['10-2', '9-0', '10-10', '10-1'];

    expect(ids.sort(compareStreamIds)).toEqual(['9-0', '10-1', '10-2', '10-10']);
  });
});
