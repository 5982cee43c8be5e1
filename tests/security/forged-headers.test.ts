import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startBystander, startGuardedGateway, type Bystander, type GuardedGateway } from './support/gateway-process.js';
import { maxCpuMs, sendMeasured } from './support/send-measured.js';

const body = JSON.stringify({ query: '{ self { id } }' });

let gateway: GuardedGateway;
let bystander: Bystander;

beforeAll(async () => {
  gateway = await startGuardedGateway();
  for (let count = 0; count < 5; count += 1) await exchange(post(''));
  bystander = startBystander(gateway.url);
}, 60_000);

afterAll(async () => {
  const { harmed } = await bystander.leave();
  await gateway.close();
  expect(harmed).toEqual([]);
});

/** What comes back over a connection until it ends: the statuses, in their order, and all of the text. */
interface Exchanged {
  readonly statuses: readonly number[];
  readonly text: string;
}

/** Sends bytes over a connection of its own, as no client would write them. @param before is answered before they are sent */
async function exchange(bytes: string, before = ''): Promise<Exchanged> {
  const socket = connect(gateway.port, '127.0.0.1');
  let text = '';
  const forge = (): boolean => socket.write(Buffer.from(bytes, 'latin1'));
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    const wasAnswered = text.includes('"data"');
    text += String(chunk);
    if (before !== '' && !wasAnswered && text.includes('"data"')) forge();
  });
  if (before === '') forge();
  else socket.write(before);
  await new Promise((resolve) => socket.once('close', resolve));
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  return { statuses, text };
}

const plainHeaders = `content-type: application/json\r\ncontent-length: ${body.length}\r\n`;

/** A plain request with more headers; `connection: close` by default, so that the connection ends by itself. */
function post(headers: string, { host = 'host: gateway\r\n', connection = 'connection: close\r\n' } = {}): string {
  return `POST /graphql HTTP/1.1\r\n${host}${connection}${plainHeaders}${headers}\r\n${body}`;
}

const forged: readonly (readonly [string, string, number])[] = [
  ['a line that ends by CR alone', post('x-a: b\rx-c: d\r\n'), 400],
  ['a line that ends by LF alone', post('x-a: b\nx-c: d\r\n'), 400],
  ['NUL in a value', post('x-a: b\0c\r\n'), 400],
  ['a control character in a value', post('x-a: b\x01c\r\n'), 400],
  ['a name that is none', post('x a: b\r\n'), 400],
  ['a name beyond ASCII', post('x-\xe4: b\r\n'), 400],
  ['a space before the colon', post('authorization : Bearer x\r\n'), 400],
  ['a line without a colon', post('authorization\r\n'), 400],
  ['a second length', post(`content-length: ${body.length}\r\n`), 400],
  ['a second length in other letters', post(`Content-Length: 1\r\n`), 400],
  ['a length and chunks', post('transfer-encoding: chunked\r\n'), 400],
  ['a length and chunks in other letters', post('Transfer-Encoding: Chunked\r\n'), 400],
  ['a coding of the transfer that is none', post('transfer-encoding: xchunked\r\n'), 400],
  ['a second Authorization', post('authorization: Bearer a\r\nAuthorization: Bearer b\r\n'), 400],
  ['a second host', post('host: other\r\n'), 400],
  ['no host', post('', { host: '' }), 400],
  ['a header of 400 KiB', post(`x-a: ${'a'.repeat(400 * 1024)}\r\n`), 431],
  ['101 headers', post(Array.from({ length: 101 }, (_, index) => `x-${index}: a\r\n`).join('')), 431],
];

describe.each([
  ['at once', ''],
  ['after a request that is well', post('', { connection: '' })],
])('%s', (_when, before) => {
  test.each(forged)('a request with %s is refused, and nothing behind it is read', async (_what, request, status) => {
    const { sent, spentMs } = await sendMeasured(gateway, () => exchange(request + post(''), before));

    const { statuses, text } = sent;

    const answered = before === '' ? [] : [200];
    expect(statuses.slice(0, answered.length + 1)).toEqual([...answered, status]);
    expect(text.match(/"data"/g) ?? []).toHaveLength(answered.length);
    expect(spentMs).toBeLessThan(maxCpuMs);
    expect(gateway.isAlive()).toBe(true);
  });
});

test.each([
  ['+1', '+1'],
  ['a hexadecimal number', '0x1f'],
  ['a list', '31, 31'],
  ['a negative number', '-1'],
  ['a fraction', '31.0'],
  ['nothing', ''],
  ['more than numbers hold', '9'.repeat(30)],
])('a length that is %s is refused', async (_what, length) => {
  const request = `POST /graphql HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`;

  const { statuses } = await exchange(request);

  expect(statuses).toHaveLength(1);
  expect([400, 413]).toContain(statuses[0]);
});

test('a caller cannot have a proxy header take its token away', async () => {
  const introspection = JSON.stringify({ query: '{ __schema { queryType { name } } }' });
  const request = (connection: string): string =>
    `POST /graphql HTTP/1.1\r\nhost: gateway\r\nconnection: ${connection}\r\ncontent-type: application/json\r\nauthorization: ${gateway.authorization}\r\ncontent-length: ${introspection.length}\r\n\r\n${introspection}`;

  expect((await exchange(request('close, authorization'))).text).toContain('"queryType":{"name":"Query"}');
  expect((await exchange(request('close'))).text).toContain('"queryType":{"name":"Query"}');
});
