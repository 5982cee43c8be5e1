import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadGatewayConfig } from '@tessera/gateway/config';
import { WebSocket } from 'ws';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

let running: RunningGateway;
const origin = 'https://app.example.com';
const query = '{ openAlerts }';

beforeAll(async () => {
  running = await startRunningGateway({
    environment: {
      CORS_ORIGINS: 'https://app.example.com, https://*.apps.example.com, http://localhost:*',
      CORS_CREDENTIALS: 'true',
      HSTS_MAX_AGE_SECONDS: '31536000',
    },
  });
});

afterAll(async () => {
  await running.close();
});

function preflight(from: string, asked = 'content-type,authorization') {
  return rawRequest('OPTIONS', {
    origin: from,
    'access-control-request-method': 'POST',
    'access-control-request-headers': asked,
  });
}

/** `fetch` would set some of these headers by itself. */
async function rawRequest(method: string, headers: Record<string, string | string[]>, body = '') {
  const request = httpRequest(running.url, { method, headers });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode, headers: response.headers, text };
}

describe('pages of other origins', () => {
  test.each([origin, 'https://a.apps.example.com', 'https://a.b.apps.example.com', 'http://localhost:5173'])(
    '%s may ask',
    async (from) => {
      const asked = await preflight(from);
      const answer = await rawRequest(
        'POST',
        { origin: from, 'content-type': 'application/json' },
        JSON.stringify({ query }),
      );

      expect(asked.status).toBe(204);
      expect(asked.headers).toMatchObject({
        'access-control-allow-origin': from,
        'access-control-allow-headers': 'content-type,authorization',
        'access-control-allow-credentials': 'true',
        'access-control-max-age': '600',
        vary: expect.stringContaining('origin'),
      });
      expect(asked.headers['access-control-allow-methods']).toContain('POST');
      expect(answer.headers).toMatchObject({ 'access-control-allow-origin': from, vary: 'accept, origin' });
      expect(answer.text).toContain('openAlerts');
    },
  );

  test.each([
    'https://evil.example',
    'http://app.example.com',
    'https://app.example.com.evil.example',
    'https://apps.example.com',
    'https://evil-apps.example.com',
    'https://evil.example/.apps.example.com',
    'http://localhost.evil.example:80',
    'https://APP.example.com:443',
    'null',
  ])('%s may not', async (from) => {
    const asked = await preflight(from);
    const answer = await rawRequest(
      'POST',
      { origin: from, 'content-type': 'application/json' },
      JSON.stringify({ query }),
    );

    expect(asked.status).toBe(403);
    expect(asked.text).toContain('FORBIDDEN');
    expect(asked.headers).not.toHaveProperty('access-control-allow-origin');
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    expect(answer.headers['vary']).toContain('origin');
  });

  test('may read an error, too', async () => {
    const answer = await rawRequest('POST', { origin, 'content-type': 'application/json' }, '{');

    expect(answer).toMatchObject({ status: 400, headers: { 'access-control-allow-origin': origin } });
  });

  test('OPTIONS without a question is no method of GraphQL', async () => {
    expect((await rawRequest('OPTIONS', {})).status).toBe(405);
  });
});

describe('a socket', () => {
  async function open(from: string | undefined): Promise<string | number> {
    const socket = new WebSocket(running.socketUrl, 'graphql-transport-ws', from === undefined ? {} : { origin: from });
    return new Promise((resolve) => {
      socket.once('open', () => (socket.close(), resolve('open')));
      socket.once('unexpected-response', (_request, { statusCode = 0 }) => (socket.terminate(), resolve(statusCode)));
      socket.on('error', () => undefined);
    });
  }

  test.each([undefined, origin, 'http://localhost'])('from origin %s is opened', async (from) => {
    expect(await open(from)).toBe(from === 'http://localhost' ? 403 : 'open');
  });

  test('from a page of the gateway itself is opened', async () => {
    expect(await open(running.origin)).toBe('open');
  });

  test.each(['https://evil.example', 'null', 'file://'])('from origin %s is refused', async (from) => {
    expect(await open(from)).toBe(403);
  });
});

describe('settings of origins', () => {
  const origins = (environment: Record<string, string>) => loadGatewayConfig(environment).CORS_ORIGINS;

  test('let nobody in where callers are authenticated, and the developer’s own pages elsewhere', () => {
    expect(origins({ JWKS_URL: 'http://auth/jwks.json' })).toEqual([]);
    expect(origins({})).toContain('http://localhost:*');
    expect(origins({ CORS_ORIGINS: '' })).toContain('http://localhost');
    expect(origins({ JWKS_URL: 'http://auth/jwks.json', CORS_ORIGINS: 'local' })).toContain('http://127.0.0.1:*');
  });

  test.each(['app.example.com', 'https://', 'https://*', 'https://app.example.com/', 'https://a*.example.com'])(
    'refuse %s',
    (text) => {
      expect(() => origins({ CORS_ORIGINS: text })).toThrow(/CORS_ORIGINS/);
    },
  );

  test('refuse credentials for everybody', () => {
    expect(() => origins({ CORS_ORIGINS: '*', CORS_CREDENTIALS: 'true' })).toThrow(/CORS_CREDENTIALS/);
  });
});

describe('headers', () => {
  test.each(['/graphql', '/', '/health', '/nothing', '/graphql?query={openAlerts}'])(
    'of every answer make browsers careful: %s',
    async (path) => {
      const { headers } = await fetch(`${running.origin}${path}`);

      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains');
    },
  );

  test('of more lines than allowed are refused, on sockets too', async () => {
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`x-${index}`, 'x']));

    const answer = await rawRequest('GET', many);
    const socket = new WebSocket(running.socketUrl, 'graphql-transport-ws', { headers: many });
    socket.on('error', () => undefined);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    socket.terminate();

    expect(answer).toMatchObject({ status: 431, text: expect.stringContaining('OPERATION_TOO_LARGE') });
    expect(response.statusCode).toBe(431);
  });

  /** Sends bytes as they are, and reads what comes until the end. */
  async function sendBytes(head: string): Promise<string> {
    const socket = connect(running.gateway.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk))).on('error', () => undefined);
    socket.write(head, 'latin1');
    await new Promise((resolve) => socket.once('close', resolve));
    return answer;
  }

  test.each(['authorization: Bearer a', 'content-type: application/json', 'origin: https://app.example.com'])(
    'that may be there once are refused twice: %s',
    async (line) => {
      const answer = await sendBytes(
        `POST /graphql HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${line}\r\n${line.replace(/^./, (letter) => letter.toUpperCase())}\r\ncontent-length: 0\r\n\r\n`,
      );

      expect(answer).toMatch(/^HTTP\/1.1 400 /);
      expect(answer).toContain('BAD_USER_INPUT');
    },
  );

  test.each([
    ['two lengths', 'content-length: 0\r\nContent-Length: 5', 400],
    ['a length and chunks', 'content-length: 0\r\ntransfer-encoding: chunked', 400],
    ['a line break without its return', 'x-a: b\nx-tessera-principal: c', 400],
    ['NUL', 'x-a: b\0c', 400],
    ['400 KiB', `x-a: ${'a'.repeat(409_600)}`, 431],
  ])('with %s are refused with a code', async (_what, lines, status) => {
    const answer = await sendBytes(`POST /graphql HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${lines}\r\n\r\n`);

    expect(answer).toContain(`HTTP/1.1 ${status} `);
    expect(answer).toMatch(/"code":"(BAD_USER_INPUT|OPERATION_TOO_LARGE)"/);
  });

  test('that claim who somebody is or where they are do not reach a subgraph', async () => {
    const forged = {
      'x-tenant-id': 'forged',
      'x-user-id': 'forged',
      'x-tessera-principal': 'forged',
      'x-tessera-signature': 'forged',
      'x-forwarded-for': '6.6.6.6',
      'x-forwarded-host': 'forged',
      forwarded: 'for=6.6.6.6',
      cookie: 'session=forged',
      connection: 'authorization',
    };

    await rawRequest(
      'POST',
      { ...forged, 'content-type': 'application/json' },
      JSON.stringify({ query: '{ people { id } }' }),
    );

    const received = JSON.stringify(running.subgraphs.people.requests.at(-1));
    expect(received).toContain('content-type');
    expect(received).not.toMatch(/forged|6\.6\.6\.6/);
  });
});

test.each([
  ['in the request', '{"query":"{ openAlerts }","__proto__":{"a":1}}'],
  ['in variables', '{"query":"{ openAlerts }","variables":{"a":[{"\\u005f_proto__":{"a":1}}]}}'],
  ['in extensions', '{"query":"{ openAlerts }","extensions":{"__proto__":null}}'],
])('a key __proto__ %s is named as what is wrong', async (_where, body) => {
  const answer = await running.post(body);

  expect(answer).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
  expect(answer.body.errors?.[0]?.message).toContain('__proto__');
});
