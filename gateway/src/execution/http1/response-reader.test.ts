import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { OversizedAnswer } from '../subgraph-errors.js';
import { BrokenAnswer, type HttpAnswer } from './http-answer.js';
import { ResponseReader } from './response-reader.js';
import { SpareBlocks } from './spare-blocks.js';

const maxBytes = 1_000;
const body = '{"data":{"name":"Zoë ✓"}}';
const bytes = Buffer.byteLength(body);

/** Reads a text that comes in pieces of so many bytes. */
function read(text: string | Buffer, pieceBytes = Number.POSITIVE_INFINITY) {
  const received = Buffer.from(text);
  const reader = new ResponseReader(maxBytes, new SpareBlocks());
  let answer: HttpAnswer | undefined;
  for (let start = 0; start < received.length && answer === undefined; start += pieceBytes) {
    // What it is given is written over, as the bytes of a socket are.
    const piece = Buffer.from(received.subarray(start, start + pieceBytes));
    answer = reader.read(piece);
    piece.fill('!');
  }
  return { answer, reader, ended: () => reader.end() };
}

const measured = `HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\nX-Tag: a\r\nX-Tag: b\r\n\r\n${body}`;
const chunked = `HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n${[...body]
  .map((letter) => `${Buffer.byteLength(letter).toString(16)};x=1\r\n${letter}\r\n`)
  .join('')}0\r\ntrailer: t\r\n\r\n`;
const open = `HTTP/1.1 200 OK\r\nx: y\r\n\r\n${body}`;

describe('an answer', () => {
  test.each([1, 2, 3, 7, 64, 10_000])('is the same in pieces of %i bytes, however its end is told', (pieceBytes) => {
    expect(read(measured, pieceBytes).answer).toMatchObject({
      statusCode: 200,
      body,
      headers: { 'x-tag': ['a', 'b'] },
    });
    expect(read(chunked, pieceBytes).answer).toMatchObject({ statusCode: 200, body });
    const { answer, ended } = read(open, pieceBytes);
    expect(answer).toBeUndefined();
    expect(ended()).toMatchObject({ statusCode: 200, body });
  });

  test('stands behind what only announces it', () => {
    const announced = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${measured}`;

    expect(read(announced).answer).toMatchObject({ statusCode: 200, body });
    expect(read(announced, 5).answer).toMatchObject({ statusCode: 200, body });
  });

  test('has no body where its status says so', () => {
    expect(read('HTTP/1.1 204 No Content\r\n\r\n').answer).toMatchObject({ statusCode: 204, body: '' });
  });

  test('is left as bytes where it is compressed', () => {
    const compressed = gzipSync(body);
    const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${compressed.length}\r\n\r\n`;

    expect(read(Buffer.concat([Buffer.from(head), compressed])).answer?.body).toEqual(compressed);
  });

  test('that has not ended is none', () => {
    for (const text of [measured, chunked]) expect(read(text.slice(0, -1)).ended()).toBeUndefined();
  });
});

describe('a connection is used again', () => {
  const keepAliveMs = (headers: string, version = '1.1') =>
    read(`HTTP/${version} 200 OK\r\ncontent-length: 0\r\n${headers}\r\n`).reader.keepAliveMs;

  test('for as long as the server says, less a margin', () => {
    expect(keepAliveMs('')).toBe(4_000);
    expect(keepAliveMs('keep-alive: timeout=72, max=100\r\n')).toBe(70_000);
    expect(keepAliveMs('keep-alive: timeout=1\r\n')).toBe(0);
  });

  test('not where the server closes it, or does not say that it keeps it', () => {
    expect(keepAliveMs('connection: Close\r\n')).toBe(0);
    expect(keepAliveMs('', '1.0')).toBe(0);
    expect(keepAliveMs('connection: keep-alive\r\n', '1.0')).toBe(4_000);
  });

  test('not where its answer could be read in two ways, or something follows it', () => {
    expect(keepAliveMs('transfer-encoding: chunked\r\n\r\n0\r\n')).toBe(0);
    expect(read(`${measured}HTTP/1.1 200 OK\r\n`).reader.keepAliveMs).toBe(0);
    expect(read(`${chunked}x`).reader.keepAliveMs).toBe(0);
  });
});

describe('what is no answer is refused', () => {
  test.each([
    ['other protocols', 'SSH-2.0-x\r\n\r\n'],
    ['a change of the protocol', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
    ['lines that are no headers', 'HTTP/1.1 200 OK\r\nno colon\r\n\r\n'],
    ['headers that go on in the next line', 'HTTP/1.1 200 OK\r\na: b\r\n c: d\r\n\r\n'],
    ['names with spaces', 'HTTP/1.1 200 OK\r\ncontent-length : 3\r\n\r\nabc'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd'],
    ['lengths that are no numbers', 'HTTP/1.1 200 OK\r\ncontent-length: -3\r\n\r\nabc'],
    ['transfer codings that are not known', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n'],
    ['chunks without a size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n'],
    ['chunks longer than they said', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nabc\r\n'],
    ['heads without an end', `HTTP/1.1 200 OK\r\na: ${'b'.repeat(40_000)}`],
    ['chunk sizes without an end', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;${'b'.repeat(2_000)}`],
  ])('%s', (_name, text) => {
    expect(() => read(text)).toThrow(BrokenAnswer);
    expect(() => read(text, 100)).toThrow(BrokenAnswer);
  });

  test.each([
    ['measured', `HTTP/1.1 200 OK\r\ncontent-length: ${maxBytes + 1}\r\n\r\n`],
    ['chunked', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n${'x'.repeat(maxBytes + 1)}`],
    ['open', `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(maxBytes + 1)}`],
  ])('bodies that are too large, %s', (_name, text) => {
    expect(() => read(text)).toThrow(OversizedAnswer);
    expect(() => read(text, 10)).toThrow(OversizedAnswer);
  });

  test('a header called __proto__ is nothing', () => {
    const { answer } = read('HTTP/1.1 200 OK\r\n__proto__: x\r\ncontent-length: 0\r\n\r\n');

    expect(answer?.headers).toEqual({ 'content-length': '0' });
  });
});
