import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { openRawSocket } from '../gateway/support/raw-socket.js';
import { refused, type OperationInput } from './inputs/operation-input.js';
import { startBystander, startGuardedGateway, type Bystander, type GuardedGateway } from './support/gateway-process.js';
import { maxCpuMs, sendMeasured } from './support/send-measured.js';
import { waysInFor } from './support/ways-in.js';

const notValid = /^GRAPHQL_VALIDATION_FAILED$/;

let gateway: GuardedGateway;
let bystander: Bystander;

beforeAll(async () => {
  gateway = await startGuardedGateway();
  for (const { send } of waysInFor('subscription')) {
    await send(gateway.url, { query: 'subscription { ticks(last: 1) { id label } }' });
  }
  bystander = startBystander(gateway.url);
}, 60_000);

afterAll(async () => {
  const { harmed } = await bystander.leave();
  await gateway.close();
  expect(harmed).toEqual([]);
});

const subscriptions: readonly OperationInput[] = [
  { name: 'without a name', operation: { query: 'subscription { ticks(last: 2) { id label } }' } },
  {
    name: 'through a fragment',
    operation: { query: 'subscription S { ...F } fragment F on Subscription { ticks(last: 2) { extra } }' },
  },
  refused('of two fields', 'subscription { ticks(last: 1) { id } other }', notValid),
  refused(
    'of two fields in fragments',
    'subscription { ...A ...B } fragment A on Subscription { ticks(last: 1) { id } } fragment B on Subscription { other }',
    notValid,
  ),
  refused('that is skipped at its root', 'subscription { ticks(last: 1) @skip(if: true) { id } }', notValid),
  refused(
    'that a variable leaves out at its root',
    'subscription ($yes: Boolean = false) { ticks(last: 1) @include(if: $yes) { id } }',
    notValid,
  ),
  refused(
    'that a fragment within a fragment leaves out',
    'subscription { ...A } fragment A on Subscription { ... @include(if: false) { ticks(last: 1) { id } } ...A }',
    notValid,
  ),
  refused('that is deferred at its root', 'subscription { ... @defer { ticks(last: 1) { id } } }', notValid),
  refused('of its own type', 'subscription { __typename }', notValid),
  refused('of the schema', 'subscription { __schema { types { name } } }', notValid),
  refused(
    'too deep',
    `subscription { ticks(last: 1) { ${'self { '.repeat(40)} id ${'} '.repeat(40)} } }`,
    /^OPERATION_TOO_/,
  ),
  refused(
    'too dear',
    'subscription { ticks(last: 1) { list(first: 1000) { list(first: 1000) { list { list { id } } } } } }',
    /^OPERATION_TOO_/,
  ),
  refused(
    'with too many aliases',
    `subscription { ticks(last: 1) { ${Array.from({ length: 101 }, (_, index) => `a${index}: id`).join(' ')} } }`,
    /^OPERATION_TOO_/,
  ),
];

describe.each(waysInFor('subscription').map((way) => [way.name, way.send] as const))(
  'a subscription by %s',
  (_way, send) => {
    test.each(subscriptions.map((input) => [input.name, input] as const))(
      '%s',
      async (_name, { operation, refusedAs }) => {
        const { sent, spentMs } = await sendMeasured(gateway, (mark) =>
          send(gateway.url, { ...operation, query: `${operation.query}\n#${mark}` }),
        );

        const { answers, code } = sent;
        expect(spentMs).toBeLessThan(maxCpuMs);
        expect(gateway.isAlive()).toBe(true);
        if (refusedAs !== undefined) expect(String(code)).toMatch(refusedAs);
        else {
          expect(answers).toHaveLength(2);
          expect(answers[1]?.errors).toBeUndefined();
        }
      },
    );
  },
);

describe('a socket', () => {
  const socketUrl = (): string => gateway.url.replace('http', 'ws');

  test.each([
    ['no JSON', 'x'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a number', '1'],
    ['an empty object', '{}'],
    ['an unknown type', '{"type":"__proto__"}'],
    ['lists within each other', `{"type":"subscribe","id":"1","payload":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    [
      'a payload that nests',
      `{"type":"subscribe","id":"1","payload":{"query":"{ greeting }","variables":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}}`,
    ],
    ['two megabytes', ' '.repeat(2_000_000)],
  ])('that sends %s is refused or closed, and harms nobody', async (_what, text) => {
    const { sent: outcome, spentMs } = await sendMeasured(gateway, async () => {
      const socket = await openRawSocket(socketUrl());
      await socket.initialise();
      socket.send(text);
      const first = await Promise.race([socket.closed, socket.next()]);
      socket.socket.terminate();
      return first;
    });

    expect([4400, 1009, 'error']).toContain('code' in outcome ? outcome.code : outcome.type);
    expect(spentMs).toBeLessThan(maxCpuMs);
    expect(gateway.isAlive()).toBe(true);
  });

  test('is not opened by a page of another site', async () => {
    const socket = new WebSocket(socketUrl(), 'graphql-transport-ws', { origin: 'https://evil.example' });
    socket.on('error', () => undefined);

    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];

    expect(response.statusCode).toBe(403);
    socket.terminate();
  });

  const handshake = `GET /graphql HTTP/1.1\r\nhost: gateway\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n`;

  test.each([
    ['invalid UTF-8', [0x81, 0x84, 0, 0, 0, 0, 0xff, 0xfe, 0xff, 0xfe]],
    ['reserved bits', [0xf1, 0x80, 0, 0, 0, 0]],
    ['a control frame in pieces', [0x09, 0x80, 0, 0, 0, 0]],
    ['a control frame that is too long', [0x89, 0xfe, 0, 126, 0, 0, 0, 0]],
    ['a frame without a mask', [0x81, 0x01, 0x78]],
    ['a frame of sixteen exabytes', [0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]],
    ['a continuation of nothing', [0x80, 0x80, 0, 0, 0, 0]],
  ])('that sends %s is closed', async (_what, bytes) => {
    const socket = connect(gateway.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(handshake);
    await once(socket, 'data');

    socket.write(Buffer.from(bytes));
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));

    expect(gateway.isAlive()).toBe(true);
  });

  test('that sends a message in 100,000 pieces is closed or waited for, at no price', async () => {
    const piece = Buffer.from([0x00, 0x81, 0, 0, 0, 0, 0x20]);
    const ping = Buffer.from([0x89, 0x80, 0, 0, 0, 0]);
    const message = Buffer.concat([
      Buffer.from([0x01, 0x80, 0, 0, 0, 0]),
      ...Array.from({ length: 100_000 }, () => piece),
      ping,
    ]);

    const { spentMs } = await sendMeasured(gateway, async () => {
      const socket = connect(gateway.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(handshake);
      await once(socket, 'data');
      socket.write(message);
      // A pong, or the closing: either comes when the pieces have been read.
      await Promise.race([once(socket, 'data'), new Promise((resolve) => socket.once('close', resolve))]);
      socket.destroy();
    });

    expect(spentMs).toBeLessThan(maxCpuMs);
    expect(gateway.isAlive()).toBe(true);
  });
});
