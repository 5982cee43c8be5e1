import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

let running: RunningGateway;

beforeAll(async () => {
  running = await startRunningGateway({ environment: { MAX_BODY_BYTES: '10000' } });
});

afterAll(async () => {
  await running.close();
});

const graphqlResponse = { accept: 'application/graphql-response+json' };
const query = '{ people { id } }';
const data = { people: [{ id: 'p1' }, { id: 'p2' }] };

describe('media types', () => {
  test.each([
    ['application/graphql-response+json', 'application/graphql-response+json; charset=utf-8'],
    ['application/json', 'application/json; charset=utf-8'],
    ['*/*', 'application/json; charset=utf-8'],
    ['application/json;q=0.5, application/graphql-response+json', 'application/graphql-response+json; charset=utf-8'],
    ['multipart/mixed, application/json', 'application/json; charset=utf-8'],
  ])('a client that accepts %s is answered in %s', async (accept, contentType) => {
    const answer = await running.post({ query }, { accept });

    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(contentType);
    expect(answer.body.data).toEqual(data);
  });

  test('a client that accepts nothing we can write gets 406', async () => {
    const answer = await running.post({ query }, { accept: 'image/png' });

    expect(answer).toMatchObject({ status: 406, code: 'BAD_USER_INPUT' });
  });

  test.each([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['application/json; charset=utf-16'],
    ['application/json; odata=verbose'],
    ['application/jsonp'],
    ['text/plain; a=application/json'],
  ])('a body of type %s is refused with 415', async (contentType) => {
    const answer = await running.post({ query }, { 'content-type': contentType });

    expect(answer).toMatchObject({ status: 415, code: 'BAD_USER_INPUT' });
    expect(answer.body.data).toBeUndefined();
  });

  test('a body without a type is refused with 415', async () => {
    const answer = await running.send({ method: 'POST', body: new Uint8Array(Buffer.from(JSON.stringify({ query }))) });

    expect(answer.status).toBe(415);
  });

  test('a body in UTF-8 keeps its letters', async () => {
    const answer = await running.post(
      { query: 'mutation ($name: String!) { rename(id: "1", name: $name) { name } }', variables: { name: 'Zoë 🎉' } },
      { 'content-type': 'application/json; charset=utf-8' },
    );

    expect(answer.body.data).toEqual({ rename: { name: 'Zoë 🎉' } });
  });
});

describe('POST', () => {
  test('null stands for an absent parameter', async () => {
    const answer = await running.post({ query, operationName: null, variables: null, extensions: null });

    expect(answer.body.data).toEqual(data);
  });

  test.each([
    ['no query', {}],
    ['an object as query', { query: {} }],
    ['a number as query', { query: 1 }],
    ['an array as query', { query: ['{ __typename }'] }],
    ['a number as operationName', { query, operationName: 1 }],
    ['a string as variables', { query, variables: '{}' }],
    ['an array as variables', { query, variables: [] }],
    ['a string as extensions', { query, extensions: 'x' }],
    ['an array of requests', [{ query }]],
    ['null', null],
    ['a string', JSON.stringify('x')],
    ['no JSON', '{ query'],
    ['nothing', ''],
    ['a poisoned prototype', '{"query":"{ __typename }","variables":{"__proto__":{"a":1}}}'],
  ])('%s is answered with 400 and BAD_USER_INPUT in both media types', async (_name, body) => {
    for (const accept of ['application/json', graphqlResponse.accept]) {
      const answer = await running.post(body, { accept });

      expect(answer).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
      expect(answer.body).not.toHaveProperty('data');
      expect(answer.body.errors?.[0]?.extensions?.['requestId']).toBe(answer.headers.get('x-request-id'));
    }
  });

  test('variables that nest without end are refused', async () => {
    const nested = `${'['.repeat(2_000)}${']'.repeat(2_000)}`;

    const answer = await running.post(`{"query":"{ __typename }","variables":{"a":${nested}}}`);

    expect(answer).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
  });

  test('a body that is too large is refused with 413', async () => {
    const answer = await running.post({ query: `{ __typename } #${'x'.repeat(20_000)}` });

    expect(answer).toMatchObject({ status: 413, code: 'OPERATION_TOO_LARGE' });
  });
});

describe('statuses of well-formed requests', () => {
  test.each([
    ['a syntax error', '{', 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a missing variable', 'query ($id: ID!) { person(id: $id) { id } }', 'BAD_USER_INPUT'],
    ['several operations without a name', 'query A { __typename } query B { __typename }', 'BAD_USER_INPUT'],
    ['a subscription', 'subscription { countTo(last: 1) }', 'BAD_USER_INPUT'],
  ])('%s is 400 without data for graphql-response+json, and 200 for json', async (_name, text, code) => {
    const strict = await running.post({ query: text }, graphqlResponse);
    const lenient = await running.post({ query: text }, { accept: 'application/json' });

    expect(strict).toMatchObject({ status: 400, code });
    expect(strict.body).not.toHaveProperty('data');
    expect(lenient).toMatchObject({ status: 200, code });
  });

  test('an error in a field leaves the status at 200 and the rest of the answer in place', async () => {
    const answer = await running.post({ query: '{ fails openAlerts }' }, graphqlResponse);

    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ data: { fails: null, openAlerts: 3 }, errors: [{ path: ['fails'] }] });
    expect(answer.code).toBe('NOT_FOUND');
  });

  test('a fault in the text is placed by line and column', async () => {
    const answer = await running.post({ query: '{\n  nothing\n}' });

    expect(answer.body.errors?.[0]?.locations).toEqual([{ line: 2, column: 3 }]);
  });
});

describe('GET', () => {
  const get = (parameters: Record<string, string>, headers: Record<string, string> = {}) =>
    running.send({ search: `?${new URLSearchParams(parameters)}`, headers });

  test('a query is answered, its variables and extensions being JSON texts', async () => {
    const answer = await get({
      query: 'query ($id: ID!) { person(id: $id) { name } }',
      variables: '{"id":"7"}',
      extensions: '{}',
      operationName: '',
    });

    expect(answer).toMatchObject({ status: 200, body: { data: { person: { name: 'Name of 7' } } } });
  });

  test('a mutation is refused with 405, and POST is named as the way', async () => {
    const before = running.subgraphs.people.requests.length;

    const answer = await get({ query: 'mutation { rename(id: "1", name: "x") { id } }' });

    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
    expect(running.subgraphs.people.requests.length).toBe(before);
  });

  test.each([
    ['variables that are no JSON', { query: '{ __typename }', variables: '{' }],
    ['variables that are no object', { query: '{ __typename }', variables: '1' }],
    ['no query', { operationName: 'x' }],
  ])('%s is refused with 400', async (_name, parameters) => {
    expect(await get(parameters)).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
  });

  test('a request with a content type that browsers may send unasked is refused', async () => {
    expect((await get({ query }, { 'content-type': 'message/x' })).status).toBe(415);
  });

  test.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['a cookie', { cookie: 'a=b' }],
    ['a link on another page', { referer: 'https://evil.example/' }],
    ['a cross-site fetch', { 'sec-fetch-site': 'cross-site' }],
  ])(
    'a plain request with the mark of %s is refused, unless a header shows that a preflight was made',
    async (_name, mark) => {
      const plain = await get({ query }, mark);
      const preflighted = await get({ query }, { ...mark, 'apollo-require-preflight': 'true' });

      expect(plain).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
      expect(preflighted.status).toBe(200);
    },
  );
});

test('methods that mean nothing here are refused with 405 and the list of those that are served', async () => {
  for (const method of ['PATCH', 'OPTIONS']) {
    const answer = await running.send({ method });

    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, POST, PUT, DELETE');
  }
});

test('a request id that the client chose comes back, and reaches the subgraphs', async () => {
  const answer = await running.post(
    { query: '{ header(name: "x-request-id") }' },
    { 'x-request-id': 'chosen-by-client' },
  );

  expect(answer.headers.get('x-request-id')).toBe('chosen-by-client');
  expect(answer.body.data).toEqual({ header: 'chosen-by-client' });
});

test('a trace goes on under its own id', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';

  const answer = await running.post(
    { query: '{ header(name: "traceparent") }' },
    { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
  );

  expect(String(answer.body.data?.['header'])).toContain(traceId);
});
