import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { brotliCompressSync, constants, createBrotliDecompress, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

let running: RunningGateway;

beforeAll(async () => {
  running = await startRunningGateway({ environment: { MAX_BODY_BYTES: '10000' } });
});

afterAll(async () => {
  await running.close();
});

const send = (body: Uint8Array<ArrayBuffer> | Buffer<ArrayBuffer>, encoding: string) =>
  running.send({
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': encoding },
    body: new Uint8Array(body),
  });

const text = JSON.stringify({ query: '{ openAlerts }' });
const bomb = `{"query":"{ openAlerts }","variables":{"a":"${'a'.repeat(100_000_000)}"}}`;

describe.each([
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['BR', brotliCompressSync],
  ['deflate', deflateSync],
])('a body in %s', (encoding, compress) => {
  test('is read', async () => {
    expect((await send(compress(text), encoding)).body.data).toEqual({ openAlerts: 3 });
  });

  test('that inflates to more than a body may have is refused', async () => {
    const compressed = compress(bomb.slice(0, 200_000));
    expect(compressed.length).toBeLessThan(10_000);

    expect(await send(compressed, encoding)).toMatchObject({ status: 413, code: 'OPERATION_TOO_LARGE' });
  });

  test('that is not of this coding is refused', async () => {
    expect(await send(Buffer.from(text), encoding)).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
  });

  test('that ends too early is refused', async () => {
    const compressed = compress(text);

    const answer = await send(compressed.subarray(0, compressed.length - 12), encoding);

    expect(answer).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
  });
});

/** Processor time of this process: what it does beside, as collecting garbage, only adds to it. */
async function usedMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

test('a body is not inflated beyond its limit', async () => {
  const compressed = brotliCompressSync(bomb, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
  const refuse = async () =>
    expect(await send(compressed, 'br')).toMatchObject({ status: 413, code: 'OPERATION_TOO_LARGE' });
  const inflate = () =>
    pipeline(Readable.from([compressed]), createBrotliDecompress(), (chunks) => finished(chunks.resume()));

  const refusalsMs: number[] = [];
  for (let attempt = 0; attempt < 5; attempt += 1) refusalsMs.push(await usedMs(refuse));
  const inflatedMs = await usedMs(inflate);

  expect(Math.min(...refusalsMs)).toBeLessThan(inflatedMs / 3);
});

test.each(['gzip, gzip', 'gzip,br', 'compress', 'zstd', 'constructor', '*'])(
  'a body in %s is refused with 415 and the codings that are accepted',
  async (encoding) => {
    const answer = await send(gzipSync(gzipSync(text)), encoding);

    expect(answer).toMatchObject({ status: 415, code: 'BAD_USER_INPUT' });
    expect(answer.headers.get('accept-encoding')).toBe('gzip, br, deflate');
  },
);

test('a body of more bytes than allowed is refused before it is inflated', async () => {
  const answer = await send(gzipSync(Buffer.from(Array.from({ length: 30_000 }, () => Math.random() * 256))), 'gzip');

  expect(answer).toMatchObject({ status: 413, code: 'OPERATION_TOO_LARGE' });
});
