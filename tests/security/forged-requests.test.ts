import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FormattedExecutionResult } from 'graphql';
import { startBystander, startGuardedGateway, type Bystander, type GuardedGateway } from './support/gateway-process.js';
import { maxCpuMs, sendMeasured } from './support/send-measured.js';

const gzipped = gzipSync(Buffer.alloc(64_000_000));
const mutation = JSON.stringify({ query: 'mutation { signIn(email: "a", password: "b") }' });
const query = JSON.stringify({ query: '{ greeting }' });
/** Parts that are compressed one by one inflate one after the other: 960 MB of 0.93 MB, in 1.3 s of a processor. */
const bomb = Buffer.concat(Array.from({ length: 15 }, () => gzipped));

let gateway: GuardedGateway;
let bystander: Bystander;

beforeAll(async () => {
  gateway = await startGuardedGateway();
  for (let count = 0; count < 5; count += 1) await send(post('application/json', query));
  bystander = startBystander(gateway.url);
}, 60_000);

afterAll(async () => {
  const { harmed } = await bystander.leave();
  await gateway.close();
  expect(harmed).toEqual([]);
});

interface Answered {
  readonly status: number;
  readonly code: unknown;
  readonly data: unknown;
}

/** Sends bytes over a connection of its own, and reads what comes. No client would send some of these. */
async function send(bytes: string | Buffer): Promise<Answered> {
  const socket = connect(gateway.port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => (answer += String(chunk))).on('error', () => undefined);
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  const json = /\{[^]*\}/.exec(body)?.[0] ?? '{}';
  const { data, errors } = JSON.parse(json) as FormattedExecutionResult;
  return { status: Number(head.split(' ')[1]), code: errors?.[0]?.extensions?.['code'], data };
}

function post(contentType: string, body: string | Buffer, headers = ''): Buffer {
  const length = Buffer.byteLength(body);
  return Buffer.concat([
    Buffer.from(
      `POST /graphql HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\ncontent-type: ${contentType}\r\ncontent-length: ${length}\r\n${headers}\r\n`,
      'latin1',
    ),
    Buffer.from(body),
  ]);
}

const get = (search: string, headers = ''): string =>
  `GET /graphql?${search} HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n${headers}\r\n`;

async function sendCheaply(bytes: string | Buffer): Promise<Answered> {
  const { sent, spentMs } = await sendMeasured(gateway, () => send(bytes));
  expect(spentMs).toBeLessThan(maxCpuMs);
  expect(gateway.isAlive()).toBe(true);
  return sent;
}

describe('a mutation that a browser sends without asking', () => {
  test.each([
    'text/plain',
    'text/plain;application/json',
    'text/plain; x=application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=application/json',
    'application/json; charset=utf-8; x=y',
    'application/json, text/plain',
    'application/jsonx',
    'application/graphql',
    'application/json; charset=utf-16',
    'application/json; charset=utf-7',
    'application/json; charset=x-user-defined',
    '"application/json"',
    'application/json\t;charset="utf-8',
    'message/http',
    '*/*',
  ])('is refused: content-type %s', async (contentType) => {
    gateway.doors.forgetRequests();

    expect(await sendCheaply(post(contentType, mutation))).toMatchObject({ status: 415, code: 'BAD_USER_INPUT' });
    expect(gateway.doors.requests.filter(({ query: text }) => text.includes('signIn'))).toEqual([]);
  });

  test('is refused as an upload', async () => {
    const body = `--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${mutation}\r\n--x--\r\n`;

    expect(await sendCheaply(post('multipart/form-data; boundary=x', body))).toMatchObject({ status: 415 });
  });

  test('is refused by GET', async () => {
    const search = `query=${encodeURIComponent('mutation { signIn(email: "a", password: "b") }')}`;

    expect(await sendCheaply(get(search))).toMatchObject({ status: 405, code: 'BAD_USER_INPUT' });
  });
});

describe('a query that a browser sends without asking', () => {
  const search = `query=${encodeURIComponent('{ greeting }')}`;

  test.each([
    'message/http',
    'message/rfc822',
    'text/plain',
    'multipart/mixed',
    'application/x-www-form-urlencoded',
    'x',
  ])('is refused by GET with content-type %s', async (contentType) => {
    expect(await sendCheaply(get(search, `content-type: ${contentType}\r\n`))).toMatchObject({
      status: 415,
      code: 'BAD_USER_INPUT',
    });
  });

  test.each([
    ['another origin', 'origin: https://evil.example\r\n'],
    ['another site', 'sec-fetch-site: cross-site\r\n'],
    ['another host of the site', 'sec-fetch-site: same-site\r\n'],
    ['a link on another site', 'referer: https://evil.example/\r\n'],
    ['a browser that keeps cookies', 'cookie: a=b\r\n'],
  ])('is refused by GET from %s', async (_where, headers) => {
    expect(await sendCheaply(get(search, headers))).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
  });

  test.each([
    ['a header that makes browsers ask', 'origin: https://evil.example\r\napollo-require-preflight: 1\r\n'],
    ['the name of its operation', 'cookie: a=b\r\nx-apollo-operation-name: A\r\n'],
    ['a content type that makes browsers ask', 'cookie: a=b\r\ncontent-type: application/json\r\n'],
    ['no mark of a browser', ''],
    ['a page of the gateway itself', 'sec-fetch-site: same-origin\r\nreferer: http://gateway/\r\n'],
  ])('is answered with %s', async (_what, headers) => {
    expect(await send(get(search, headers))).toMatchObject({ status: 200, data: { greeting: 'hello' } });
  });
});

describe('a body', () => {
  const chunked =
    'POST /graphql HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n';

  test('that comes in chunks without end is refused at its limit', async () => {
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;

    const { sent: answer, spentMs } = await sendMeasured(gateway, async () => {
      const socket = connect(gateway.port, '127.0.0.1');
      let received = '';
      socket.on('data', (data) => (received += String(data))).on('error', () => undefined);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.write(`${chunked}\r\n`);
      for (let count = 0; count < 2_000 && !received.includes('413') && socket.writable; count += 1) {
        if (!socket.write(chunk)) await Promise.race([once(socket, 'drain').catch(() => undefined), closed]);
      }
      socket.destroy();
      return received;
    });

    expect(answer).toContain('HTTP/1.1 413 ');
    expect(answer).toContain('OPERATION_TOO_LARGE');
    expect(spentMs).toBeLessThan(maxCpuMs);
  });

  test.each([
    ['that inflates to a gigabyte', post('application/json', bomb, 'content-encoding: gzip\r\n'), 413],
    [
      'that is compressed twice',
      post('application/json', gzipSync(gzipSync(query)), 'content-encoding: gzip, gzip\r\n'),
      415,
    ],
    ['in an unknown coding', post('application/json', query, 'content-encoding: zstd\r\n'), 415],
    ['that is longer than it says', post('application/json', query).subarray(0, -1), 0],
    ['of 2 MB', post('application/json', ' '.repeat(2_000_000)), 413],
    [
      'that nests 200,000 lists',
      post(
        'application/json',
        `{"query":"{ greeting }","variables":{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`,
      ),
      400,
    ],
    ['that is 200,000 lists', post('application/json', `${'['.repeat(200_000)}${']'.repeat(200_000)}`), 400],
    [
      'of 50,000 parameters',
      post('application/json', `{${Array.from({ length: 50_000 }, (_, index) => `"k${index}":0`).join()}}`),
      400,
    ],
    ['that is not UTF-8', post('application/json', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])), 400],
    ['in UTF-16', post('application/json', Buffer.from(query, 'utf16le')), 400],
    ['of 1,000 operations', post('application/json', `[${Array.from({ length: 1_000 }, () => query).join()}]`), 413],
    ['that is a list of lists', post('application/json', `[[${query}]]`), 400],
    ['without an operation', post('application/json', '[]'), 400],
  ])('%s is refused', async (_what, bytes, status) => {
    const waits = status === 0;
    if (waits) {
      const socket = connect(gateway.port, '127.0.0.1');
      socket.write(bytes);
      socket.end();
      socket.resume();
      await once(socket, 'close');
      expect(gateway.isAlive()).toBe(true);
      return;
    }
    expect((await sendCheaply(bytes)).status).toBe(status);
  });
});
