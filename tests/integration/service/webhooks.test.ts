import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createWebhookSecret, createWebhookSender, verifyWebhook, type WebhookSender } from '@tessera/service/webhooks';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const secret = createWebhookSecret();

function sender(options: { allowPrivate?: boolean; maxResponseBytes?: number } = {}): WebhookSender {
  const lifecycle = { defer: (_name: string, close: () => unknown) => void closers.push(close) };
  return createWebhookSender({ allowPrivate: true, lifecycle, ...options });
}

async function receiver(answer: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

const message = (url: string) => ({ url, secrets: [secret], id: 'msg_1', body: '{"a":1}' });

describe('a webhook', () => {
  test('arrives signed, and its answer is read', async () => {
    let verified: unknown;
    const url = await receiver(async (request, response) => {
      verified = verifyWebhook([secret], request.headers, await text(request), Date.now());
      response.end('{"ok":true}');
    });

    expect(await sender().send(message(url))).toEqual({ kind: 'delivered', status: 200, body: '{"ok":true}' });
    expect(verified).toMatchObject({ id: 'msg_1' });
  });

  test.each([
    [503, { 'retry-after': '7' }, { kind: 'retryable', retryAfterSeconds: 7 }],
    [429, {}, { kind: 'retryable' }],
    [400, {}, { kind: 'final' }],
    [410, {}, { kind: 'final' }],
  ])('that is answered with %i %j is told apart', async (status, headers, outcome) => {
    const url = await receiver((_request, response) => response.writeHead(status, headers).end());

    expect(await sender().send(message(url))).toMatchObject({ status, ...outcome });
  });

  test('follows no redirect', async () => {
    let followed = false;
    const elsewhere = await receiver((_request, response) => response.end(String((followed = true))));
    const url = await receiver((_request, response) => response.writeHead(307, { location: elsewhere }).end());

    expect(await sender().send(message(url))).toMatchObject({ kind: 'final', status: 307 });
    expect(followed).toBe(false);
  });

  test('takes no more of an answer than its limit', async () => {
    const url = await receiver((_request, response) => {
      // Endless: who waits for the end waits for ever.
      const write = (): void => {
        while (!response.destroyed && response.write('x'.repeat(1_000)));
      };
      response.on('drain', write);
      write();
    });

    const outcome = await sender({ maxResponseBytes: 10_000 }).send(message(url));

    expect(outcome).toEqual({ kind: 'delivered', status: 200, body: undefined });
  });

  test('waits no longer than its deadline, also for the rest of an answer', async () => {
    const silent = await receiver(() => undefined);
    const halting = await receiver((_request, response) => response.write('{'));

    for (const url of [silent, halting]) {
      const outcome = await sender().send({ ...message(url), timeoutMs: 100 });
      expect(outcome).toEqual({ kind: 'retryable', reason: 'No answer within 100 ms' });
    }
  });

  test('that nobody takes may be tried again', async () => {
    const url = await receiver((request) => request.socket.destroy());

    expect(await sender().send(message(url))).toMatchObject({ kind: 'retryable' });
  });

  test.each([
    ...[
      'https://127.0.0.1/',
      'https://[::1]/',
      'https://[::ffff:10.0.0.1]/',
      'https://169.254.169.254/latest/meta-data/',
    ],
    ...['https://0x7f.1/', 'https://2130706433/', 'https://localhost/'],
  ])('does not go to %s', async (url) => {
    const outcome = await sender({ allowPrivate: false }).send(message(url));

    expect(outcome).toEqual({ kind: 'final', reason: 'The host of the webhook has a private address' });
  });

  test.each(['http://example.com/', 'https://user:pass@example.com/', 'ftp://example.com/', 'no url'])(
    'does not go to %s',
    async (url) => {
      expect(await sender({ allowPrivate: false }).send(message(url))).toMatchObject({ kind: 'final' });
    },
  );
});
