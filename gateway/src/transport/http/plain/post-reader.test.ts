import { describe, expect, test } from '@jest/globals';
import { PostReader } from './post-reader.js';

const plain = ['POST /graphql HTTP/1.1', 'Host: a', 'Content-Type: application/json', 'Content-Length: 2'];
const request = (lines: readonly string[], body = '{}'): Buffer =>
  Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
const read = (bytes: Buffer, reader = new PostReader('/graphql', 5)) => reader.read(bytes);

test('a plain POST is read as Node would read it', () => {
  const bytes = request([...plain, 'X-Name:  Zo\u00eb \t']);

  const post = read(bytes);

  const headers = { host: 'a', 'content-type': 'application/json', 'content-length': '2', 'x-name': 'Zo\u00eb' };
  expect(post).toEqual({ headers, bodyStart: bytes.length - 2 });
});

test('heads that differ by a letter are not taken for each other', () => {
  const reader = new PostReader('/graphql', 5);

  const posts = ['a', 'b', 'b', 'a'].map((id) => read(request([...plain, `x-id: ${id}`]), reader));

  expect(posts).toMatchObject(['a', 'b', 'b', 'a'].map((id) => ({ headers: { 'x-id': id } })));
});

describe('there has to be more of', () => {
  test.each<readonly [what: string, bytes: Buffer]>([
    ['a request line', Buffer.from('POS')],
    ['a head without its end', Buffer.from(plain.join('\r\n'))],
    ['a body that is not all there', request(plain, '{')],
  ])('%s', (_what, bytes) => {
    expect(read(bytes)).toBe('more');
  });
});

const [, ...fields] = plain;
const withoutLength = plain.filter((text) => !text.startsWith('Content-Length'));

describe('it is for Node to judge', () => {
  test.each<readonly [what: string, bytes: Buffer]>([
    ['another method', request(['PUT /graphql HTTP/1.1', ...fields])],
    ['another path', request(['POST /graphql?x HTTP/1.1', ...fields])],
    ['another version', request(['POST /graphql HTTP/1.0', ...fields])],
    ['a long body that is not all there', request([...withoutLength, 'content-length: 200000'])],
    ['a head that goes on for too long', Buffer.from(`${plain.join('\r\n')}\r\nx-a: ${'a'.repeat(20_000)}`)],
    ['the beginning of something else', Buffer.from('POST /graphqx')],
    ['more than one request', request(plain, '{}POST')],
    ['no host', request(plain.filter((text) => !text.startsWith('Host')))],
    ['no length', request(withoutLength, '')],
    ['two lengths', request([...plain, 'content-length: 2'])],
    ['a length with a sign', request([...withoutLength, 'content-length: +2'])],
    ['a length with a zero before it', request([...withoutLength, 'content-length: 02'])],
    ['a length of two numbers', request([...withoutLength, 'content-length: 2, 2'])],
    ['a body in chunks', request([...plain, 'transfer-encoding: chunked'])],
    ['a body that is compressed', request([...plain, 'content-encoding: gzip'])],
    ['a body that waits to be wanted', request([...plain, 'expect: 100-continue'])],
    ['another protocol', request([...plain, 'upgrade: h2c'])],
    ['the last request of a connection', request([...plain, 'connection: close'])],
    ['headers for this hop alone', request([...plain, 'connection: keep-alive, x-a'])],
    ['a header that is given twice', request([...plain, 'x-a: 1', 'X-A: 2'])],
    ['a name that every object has', request([...plain, '__proto__: 1'])],
    ['a space before the colon', request([...plain, 'x-a : 1'])],
    ['a line that goes on', request([...plain, 'x-a: 1', ' 2'])],
    ['a line without a colon', request([...plain, 'x-a'])],
    ['a line without a name', request([...plain, ': 1'])],
    ['a line feed alone', request([...plain, 'x-a: 1\nx-b: 2'])],
    ['a carriage return alone', request([...plain, 'x-a: 1\rx-b: 2'])],
    ['a control character', request([...plain, 'x-a: \u0000'])],
    ['too many headers', request([...plain, 'x-a: 1', 'x-b: 2', 'x-c: 3'])],
    ['a head that is too long', request([...plain, `x-a: ${'a'.repeat(16_384)}`])],
  ])('%s', (_what, bytes) => {
    expect(read(bytes)).toBeUndefined();
  });
});
