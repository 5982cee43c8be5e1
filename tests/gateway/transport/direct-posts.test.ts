import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

let running: RunningGateway;
/** Fastify ends connections where it cannot read a body. */
const ofEachAnswer = ['date', 'connection', 'keep-alive'];

beforeAll(async () => {
  running = await startRunningGateway({
    environment: {
      CORS_ORIGINS: 'https://app.example.com',
      CORS_CREDENTIALS: 'true',
      HSTS_MAX_AGE_SECONDS: '31536000',
      MAX_BATCH_SIZE: '2',
    },
  });
});

afterAll(async () => {
  await running.close();
});

interface Case {
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What says how long it is may go the shorter way; what comes in chunks goes the whole. */
async function post({ body, headers }: Case, isMeasured: boolean) {
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  const request = httpRequest(running.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-request-id': 'the-same-id',
      ...headers,
      ...(isMeasured ? length : { 'transfer-encoding': 'chunked' }),
    },
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  const kept = Object.entries(response.headers).filter(([name]) => !ofEachAnswer.includes(name));
  return { status: response.statusCode, headers: Object.fromEntries(kept), text };
}

const json = (body: unknown): string => JSON.stringify(body);
const query = '{ openAlerts }';

const cases: Readonly<Record<string, Case>> = {
  'a query': { body: json({ query }) },
  'a query beyond ASCII': { body: json({ query: `# žluťoučký 🐎\n${query}` }) },
  'a query for GraphQL media types': {
    body: json({ query }),
    headers: { accept: 'application/graphql-response+json' },
  },
  'a query of an allowed origin': { body: json({ query }), headers: { origin: 'https://app.example.com' } },
  'a query of another origin': { body: json({ query }), headers: { origin: 'https://evil.example.com' } },
  'an operation that does not parse': { body: json({ query: '{' }) },
  'an operation that is not valid': {
    body: json({ query: '{ nothing }' }),
    headers: { accept: 'application/graphql-response+json' },
  },
  'a subscription where no stream is accepted': { body: json({ query: 'subscription { alerts { id } }' }) },
  'a persisted query that is not known': {
    body: json({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } }),
  },
  'a parameter of a wrong type': { body: json({ query: 5 }) },
  'a token that is none': { body: json({ query }), headers: { authorization: 'Bearer \u00e9' } },
  'no operation': { body: '{}' },
  'a key __proto__': { body: '{"query":"{ openAlerts }","__proto__":{}}' },
  'what is not JSON': { body: '{"query":' },
  'nothing at all': { body: '' },
  null: { body: 'null' },
  'a batch': { body: json([{ query }, { query }]) },
  'a batch that is too large': { body: json([{ query }, { query }, { query }]) },
  'a body of another type': { body: json({ query }), headers: { 'content-type': 'text/plain' } },
  'media types that are not served': { body: json({ query }), headers: { accept: 'image/png' } },
  'events accepted alone': { body: json({ query }), headers: { accept: 'text/event-stream' } },
};

describe('the shorter way of plain requests answers as the whole way does', () => {
  test.each(Object.entries(cases))('%s', async (_name, asked) => {
    // Whoever asks first may find something unprepared.
    await post(asked, false);

    const short = await post(asked, true);
    const whole = await post(asked, false);

    expect(short).toEqual(whole);
  });
});

test('a client that leaves in the midst of its body harms nobody', async () => {
  const socket = connect(Number(new URL(running.url).port), '127.0.0.1');
  await once(socket, 'connect');
  const head = 'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n';
  socket.write(`${head}{"query":`, () => socket.destroy());
  await once(socket, 'close');

  expect(await post({ body: json({ query }) }, true)).toMatchObject({ status: 200 });
});
