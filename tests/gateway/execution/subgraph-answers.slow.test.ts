import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createResilientClient, type ResilientClientOptions } from '@tessera/gateway/registry/resilient-client';
import { AppError } from '@tessera/service/errors';
import { createLeftovers } from '../../support/leftovers.js';
import { ask } from '../support/calls.js';
import { answerOk, pour, startRawSubgraph, type Behaviour, type RawSubgraph } from '../support/raw-subgraph.js';

const leftovers = createLeftovers();
const maxBytes = 2 * 1_048_576;
let subgraph: RawSubgraph;

beforeEach(async () => {
  subgraph = await startRawSubgraph();
  leftovers.defer('subgraph', () => subgraph.close());
});

afterEach(() => leftovers.close());

function aClient(options: Partial<ResilientClientOptions> = {}) {
  const urls = new Map([['one', [subgraph.url]]]);
  const client = createResilientClient({ urls, timeoutMs: 5_000, maxResponseBytes: maxBytes, ...options });
  leftovers.defer('client', () => client.close());
  return client;
}

const compressed =
  (coding: string, body: Buffer): Behaviour =>
  (response) =>
    response.writeHead(200, { 'content-encoding': coding }).end(body);

describe('an answer of 100 MB', () => {
  const zeros = (megabytes: number) => Buffer.alloc(megabytes * 1_048_576);

  test.each<[string, Behaviour]>([
    ['that says so', (response) => pour(response, 100, { 'content-length': String(100 * 1_048_576) })],
    ['that does not say so', (response) => pour(response, 100)],
    ['in a hundred kilobytes of gzip', compressed('gzip', gzipSync(zeros(100)))],
    ['in a hundred bytes of brotli', compressed('br', brotliCompressSync(zeros(100)))],
  ])('%s is not read to its end, and takes no memory', async (_name, behaviour) => {
    subgraph.behave(behaviour);
    const client = aClient();
    await ask(client).catch(() => undefined);
    const before = process.memoryUsage();
    let peakBytes = 0;

    for (let time = 0; time < 20; time += 1) {
      await expect(ask(client)).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' });
      const { arrayBuffers, heapUsed } = process.memoryUsage();
      peakBytes = Math.max(peakBytes, arrayBuffers - before.arrayBuffers, heapUsed - before.heapUsed);
    }

    // Chunks that were let go wait for the collector; 2 GB were offered.
    expect(peakBytes).toBeLessThan(64 * 1_048_576);
  });
});

describe('compression', () => {
  const text = Buffer.from(JSON.stringify({ data: { ok: 'ü'.repeat(1_000) } }));

  test.each<[string, Buffer]>([
    ['gzip', gzipSync(text)],
    ['br', brotliCompressSync(text)],
    ['identity', text],
  ])('of an answer by %s is undone', async (coding, body) => {
    subgraph.behave(compressed(coding, body));

    expect((await ask(aClient())).data).toEqual({ ok: 'ü'.repeat(1_000) });
  });

  test.each<[string, Buffer]>([
    ['gzip', text],
    ['zstd', text],
  ])('by %s that cannot be undone makes the answer none', async (coding, body) => {
    subgraph.behave(compressed(coding, body));

    await expect(ask(aClient())).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' });
  });

  test('is asked for only where that is set', async () => {
    await ask(aClient());
    await ask(aClient({ acceptEncoding: 'gzip, br' }));

    expect(subgraph.requests.map(({ headers }) => headers['accept-encoding'])).toEqual([undefined, 'gzip, br']);
  });
});

describe('when the client leaves', () => {
  const gone = new AppError('PRECONDITION_FAILED', 'Gone');

  test('the request to the subgraph is given up, before its answer and in the midst of it', async () => {
    const behaviours: Behaviour[] = [() => undefined, (response) => response.writeHead(200).write('{"data":')];
    for (const [index, behaviour] of behaviours.entries()) {
      subgraph.behave(behaviour);
      const leaving = new AbortController();
      const answer = ask(aClient(), { signal: leaving.signal });
      await subgraph.untilRequests(index + 1);

      leaving.abort(gone);

      await expect(answer).rejects.toBe(gone);
      await subgraph.untilAbandoned(index + 1);
    }
  });

  test('a request that waits for a connection is never sent', async () => {
    subgraph.behave(() => undefined);
    const client = aClient({ maxConnections: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const held = ask(client, { signal: first.signal, variables: '{"first":1}' });
    await subgraph.untilRequests(1);
    const waiting = ask(client, { signal: second.signal, variables: '{"second":1}' });

    second.abort(gone);
    await expect(waiting).rejects.toBe(gone);
    subgraph.behave(answerOk);
    first.abort(gone);
    await expect(held).rejects.toBe(gone);
    await ask(client, { variables: '{"third":1}' });

    expect(subgraph.requests.map(({ body }) => body)).toEqual([
      expect.stringContaining('first'),
      expect.stringContaining('third'),
    ]);
  });

  test('a second try that waits is not made', async () => {
    subgraph.behave((response) => response.writeHead(503, { 'retry-after': '1' }).end());
    const leaving = new AbortController();
    const answer = ask(aClient(), { signal: leaving.signal });
    await subgraph.untilRequests(1);
    // The answer has to arrive for the wait to begin.
    setTimeout(() => leaving.abort(gone), 200);

    await expect(answer).rejects.toBe(gone);
    expect(subgraph.requests).toHaveLength(1);
  });
});

describe('the time of a request', () => {
  test('ends an answer that drips', async () => {
    subgraph.behave((response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 20);
      response.once('close', () => clearInterval(drip));
    });
    const startedAtMs = performance.now();

    await expect(ask(aClient({ timeoutMs: 300 }))).rejects.toMatchObject({ code: 'SUBGRAPH_TIMEOUT' });

    expect(performance.now() - startedAtMs).toBeLessThan(600);
    await subgraph.untilAbandoned(1);
  });

  test('can be set for one subgraph', async () => {
    subgraph.behave(() => undefined);
    const startedAtMs = performance.now();

    const client = aClient({ timeoutMs: 60_000, timeoutsMs: new Map([['one', 100]]) });

    await expect(ask(client)).rejects.toMatchObject({ code: 'SUBGRAPH_TIMEOUT' });
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
  });

  test('includes the second try', async () => {
    subgraph.behave((response, { number }) => {
      if (number === 1) setTimeout(() => response.destroy(), 200);
    });
    const startedAtMs = performance.now();

    await expect(ask(aClient({ timeoutMs: 400 }))).rejects.toMatchObject({ code: 'SUBGRAPH_TIMEOUT' });

    expect(subgraph.requests).toHaveLength(2);
    expect(performance.now() - startedAtMs).toBeLessThan(600);
  });
});
