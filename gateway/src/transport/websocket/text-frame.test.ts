import { expect, test } from '@jest/globals';
import { frameText } from './text-frame.js';

const frameOf = (before: string, shared: string, after: string): Buffer =>
  Buffer.concat(frameText(before, Buffer.from(shared), after));

test.each([
  [0, [0x81, 2]],
  [123, [0x81, 125]],
  [124, [0x81, 126, 0, 126]],
  [65_533, [0x81, 126, 0xff, 0xff]],
  [65_534, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
])('a message around %d bytes has the header that RFC 6455 says, and all of its text', (length, header) => {
  const shared = 'x'.repeat(length);

  expect(frameOf('{', shared, '}')).toEqual(Buffer.concat([Buffer.from(header), Buffer.from(`{${shared}}`)]));
});

test('lengths count bytes, not characters', () => {
  expect(frameOf('"', 'é', '"')).toEqual(Buffer.from([0x81, 4, 0x22, 0xc3, 0xa9, 0x22]));
});

test('large bytes that clients share are not copied', () => {
  const shared = Buffer.alloc(100_000, 'x');

  expect(frameText('{', shared, '}')[1]).toBe(shared);
});
