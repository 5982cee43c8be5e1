import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FormattedExecutionResult } from 'graphql';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

let running: RunningGateway;

beforeAll(async () => {
  running = await startRunningGateway({ environment: { MAX_BATCH_SIZE: '4', MAX_COST: '50' } });
});

afterAll(async () => {
  await running.close();
});

async function sendBatch(batch: unknown) {
  const response = await fetch(running.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(batch),
  });
  return { status: response.status, answers: (await response.json()) as FormattedExecutionResult[] };
}

const codeOf = ({ errors }: FormattedExecutionResult): unknown => errors?.[0]?.extensions?.['code'];

test('a batch is answered in its order, each operation by itself', async () => {
  const query = 'query ($id: ID!) { person(id: $id) { id } }';
  const sha256Hash = createHash('sha256').update('{ unknown }').digest('hex');

  const { status, answers } = await sendBatch([
    { query, variables: { id: 'a' } },
    { query: '{ nothing }' },
    { query: '{ people { friends { id } } }' },
    { extensions: { persistedQuery: { version: 1, sha256Hash } } },
  ]);

  expect(status).toBe(200);
  expect(answers[0]).toEqual({ data: { person: { id: 'a' } } });
  expect(answers.slice(1).map(codeOf)).toEqual([
    'GRAPHQL_VALIDATION_FAILED',
    'OPERATION_TOO_COMPLEX',
    'PERSISTED_QUERY_NOT_FOUND',
  ]);
});

test('what is no request is refused by itself', async () => {
  const { answers } = await sendBatch([
    { query: '{ openAlerts }' },
    null,
    'x',
    { query: 'subscription { alerts { status } }' },
  ]);

  expect(answers.map((answer) => codeOf(answer) ?? answer.data)).toEqual([
    { openAlerts: 3 },
    'BAD_USER_INPUT',
    'BAD_USER_INPUT',
    'BAD_USER_INPUT',
  ]);
});

describe('a batch is refused as a whole', () => {
  test.each([
    ['that is empty', [], 400, 'BAD_USER_INPUT'],
    ['within a batch', [[{ query: '{ openAlerts }' }]], 400, 'BAD_USER_INPUT'],
    ['that is too long', Array.from({ length: 5 }, () => ({ query: '{ openAlerts }' })), 413, 'OPERATION_TOO_LARGE'],
  ])('%s', async (_what, batch, status, code) => {
    expect(await running.post(batch)).toMatchObject({ status, code });
  });

  test('where batches are off, as by default', async () => {
    const other = await startRunningGateway();

    expect(await other.post([{ query: '{ openAlerts }' }])).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
    await other.close();
  });

  test('in a query string, where it is but a text that does not parse', async () => {
    const search = `?query=${encodeURIComponent('[{"query":"{ openAlerts }"}]')}`;

    expect((await running.send({ search })).code).toBe('GRAPHQL_PARSE_FAILED');
  });
});
