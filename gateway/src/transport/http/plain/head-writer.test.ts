import { expect, test } from '@jest/globals';
import { HeadWriter } from './head-writer.js';

const headers = Object.freeze({ 'content-type': 'application/json', vary: 'accept' });
const crossOrigin = {
  isAllowedOrigin: (origin: string) => origin === 'https://a.example',
  credentials: false,
  headers: undefined,
  maxAgeSeconds: 1,
};
const writer = new HeadWriter({ securityHeaders: { 'x-a': 'security' }, crossOrigin, keepAliveSeconds: 65 });

function write(own?: Readonly<Record<string, string>>, origin?: string, isLast = false): string[] {
  const reply = { status: 200, headers, body: '{}', without: ['ratelimit'] };
  const text = writer.write({ reply, requestId: 'the-id', own, origin, bodyLength: 2, isLast });
  expect(text.endsWith('\r\n\r\n')).toBe(true);
  return text.trimEnd().split('\r\n');
}

test('a head has what everybody says, what the reply says and what rooms have said', () => {
  expect(write({ 'x-own': '1' })).toEqual([
    'HTTP/1.1 200 OK',
    'x-request-id: the-id',
    'x-a: security',
    'content-type: application/json',
    'vary: accept, origin',
    'x-own: 1',
    expect.stringMatching(/^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/),
    'Connection: keep-alive',
    'Keep-Alive: timeout=65',
    'content-length: 2',
  ]);
});

test('the reply goes before what rooms have said, and leaves out what it does not want', () => {
  const lines = write({ 'content-type': 'text/plain', ratelimit: '1' });

  expect(lines.filter((line) => line.startsWith('content-type'))).toEqual(['content-type: application/json']);
  expect(lines.some((line) => line.startsWith('ratelimit'))).toBe(false);
});

test('a page of an allowed origin may read the answer, a page of another may not', () => {
  const allowed = 'access-control-allow-origin: https://a.example';

  expect(write(undefined, 'https://a.example')).toContain(allowed);
  expect(write(undefined, 'https://b.example').filter((line) => line.startsWith('access-control'))).toEqual([]);
});

test('the last answer says that the connection ends', () => {
  expect(write(undefined, undefined, true)).toContain('Connection: close');
});

test('a value with a line break is no header', () => {
  expect(() => write({ 'x-own': 'a\r\nset-cookie: b' })).toThrow(TypeError);
});
