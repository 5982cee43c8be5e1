import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import { startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.js';
import { openRawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

let issuer: TokenIssuer;
let running: RunningGateway;
let authorization: string;

beforeAll(async () => {
  issuer = await startTokenIssuer();
  running = await startRunningGateway({ environment: { JWKS_URL: issuer.jwksUrl, MAX_COST: '50' } });
  authorization = `Bearer ${await issuer.issue()}`;
});

afterAll(async () => {
  await running.close();
  await issuer.close();
});

/** Sends one operation over a socket, and reads the message that answers it. */
async function overSocket(payload: object, parameters: Record<string, unknown> = {}) {
  const socket = await openRawSocket(running.socketUrl);
  await socket.initialise(parameters);
  socket.send({ id: '1', type: 'subscribe', payload });
  const answer = await socket.next();
  socket.socket.close();
  return answer;
}

describe('an operation that costs too much', () => {
  const query = '{ people { friends { id } } }';

  test('is refused over HTTP with its cost and the limit', async () => {
    const { status, body } = await running.post({ query });

    expect(status).toBe(200);
    expect(body.errors?.[0]?.extensions).toMatchObject({
      code: 'OPERATION_TOO_COMPLEX',
      details: { cost: 110, limit: 50 },
    });
    expect(running.subgraphs.people.requests).toEqual([]);
  });

  test('is refused over WebSocket', async () => {
    const { type, payload } = await overSocket({ query });

    expect(type).toBe('error');
    expect((payload as GraphQLFormattedError[])[0]?.extensions).toMatchObject({ details: { cost: 110, limit: 50 } });
  });
});

describe('what an operation costs', () => {
  test('is told to who asks by an extension', async () => {
    const { body } = await running.post({ query: '{ people { id } }', extensions: { cost: true } });

    expect(body.extensions).toEqual({ cost: { static: 10, actual: 2 } });
  });

  test('is told to who asks by a header, over WebSocket by the name in connection_init', async () => {
    const query = 'mutation { rename(id: 1, name: "n") { id } }';

    const { body } = await running.post({ query }, { 'x-graphql-cost': 'true' });
    const { payload } = await overSocket({ query }, { 'X-GraphQL-Cost': 'true' });

    expect(body.extensions).toEqual({ cost: { static: 11, actual: 11 } });
    expect((payload as FormattedExecutionResult).extensions).toEqual(body.extensions);
  });

  test('is told to nobody else', async () => {
    expect((await running.post({ query: '{ people { id } }' })).body.extensions).toBeUndefined();
  });
});

describe('the schema', () => {
  const queries = [
    '{ __schema { types { name } } }',
    '{ ...F } fragment F on Query { a: __type(name: "Person") { name } }',
  ];

  test.each(queries)('is not shown to anonymous callers: %s', async (query) => {
    const overHttp = await running.post({ query });
    const { payload } = await overSocket({ query });

    expect(overHttp.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(overHttp.body.errors?.[0]?.message).toContain('sign in');
    expect((payload as GraphQLFormattedError[])[0]?.extensions?.['code']).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  test.each(queries)('is shown to who has signed in: %s', async (query) => {
    const { body } = await running.post({ query }, { authorization });

    expect(JSON.stringify(body.data)).toContain('Person');
  });

  test('is told in suggestions to who has signed in, and to nobody else', async () => {
    const faulty = [
      { query: '{ persn(id: 1) { id } }' },
      { query: 'query ($id: ID!) { person(id: $id) { nme } }', variables: { id: '1' } },
    ];
    for (const request of faulty) {
      const anonymous = await running.post(request);
      const known = await running.post(request, { authorization });

      expect(anonymous.body.errors?.[0]?.message).not.toContain('Did you mean');
      expect(known.body.errors?.[0]?.message).toContain('Did you mean');
    }
  });
});

describe('variables', () => {
  const query = '{ openAlerts }';

  test.each([
    ['a list that is too long', { a: Array.from({ length: 1_001 }, () => 'x') }],
    ['a list within lists that is too long', { a: [[Array.from({ length: 1_001 }, () => 'x')]] }],
    ['values that nest too deep', { a: JSON.parse(`${'['.repeat(33)}${']'.repeat(33)}`) as unknown }],
  ])('with %s are refused', async (_what, variables) => {
    const answer = await running.post({ query, variables });
    const { payload } = await overSocket({ query, variables });

    expect(answer.code).toBe('BAD_USER_INPUT');
    expect(answer.body.errors?.[0]?.message).toContain('Variable a');
    expect((payload as GraphQLFormattedError[])[0]?.extensions?.['code']).toBe('BAD_USER_INPUT');
  });
});
