import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

let running: RunningGateway;

beforeAll(async () => {
  running = await startRunningGateway({ environment: { METRICS_MAX_OPERATIONS: '10', METRICS_MAX_CLIENTS: '3' } });
});

afterAll(() => running.close());

/** The value of the series of a metric that has these labels; undefined where there is none. */
async function valueOf(metric: string, labels: Readonly<Record<string, string>>): Promise<number | undefined> {
  const line = (await seriesOf(metric)).find((series) =>
    Object.entries(labels).every(([name, value]) => series.includes(`${name}="${value}"`)),
  );
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

async function seriesOf(metric: string): Promise<readonly string[]> {
  return (await running.metrics()).split('\n').filter((line) => line.startsWith(`${metric}{`));
}

const asClient = (name: string) => ({ 'apollographql-client-name': name });

test('an operation is counted by its name: outcomes, errors by code, latency, cost, requests to subgraphs, plans', async () => {
  const good = { query: 'query ListPeople { openAlerts people { name } }' };
  await running.post(good, asClient('web'));
  await running.post(good, asClient('web'));
  const failed = await running.post({ query: 'query Failing { fails }' }, asClient('web'));
  await running.post({ query: '{ __typename }' }, asClient('web'));

  const operation = 'ListPeople';
  expect(await valueOf('graphql_operation_requests_total', { operation, outcome: 'ok' })).toBe(2);
  expect(await valueOf('graphql_operation_requests_total', { operation, outcome: 'refused' })).toBe(0);
  const code = String(failed.code);
  expect(await valueOf('graphql_operation_errors_total', { operation: 'Failing', code })).toBe(1);
  expect(await valueOf('graphql_operation_latency_seconds_count', { operation })).toBe(2);
  expect(await valueOf('graphql_operation_latency_seconds_bucket', { operation, le: '+Inf' })).toBe(2);
  expect(await valueOf('graphql_operation_latency_seconds_sum', { operation })).toBeGreaterThan(0);
  expect(await valueOf('graphql_operation_cost_total', { operation })).toBeGreaterThan(0);
  expect(await valueOf('graphql_operation_subgraph_requests_total', { operation })).toBe(4);
  expect(await valueOf('graphql_operation_plan_misses_total', { operation })).toBe(1);
  expect(await valueOf('graphql_operation_local_answers_total', { operation: 'anonymous' })).toBe(1);
});

test('a client is counted by its name in the same way', async () => {
  await running.post({ query: 'query ListPeople { openAlerts people { name } }' }, asClient('console'));

  expect(await valueOf('graphql_client_requests_total', { client: 'console', outcome: 'ok' })).toBe(1);
  expect(await valueOf('graphql_client_latency_seconds_count', { client: 'console' })).toBe(1);
  expect(await valueOf('graphql_client_subgraph_requests_total', { client: 'console' })).toBe(2);
});

test('what an answer cost is counted for one in 64', async () => {
  const query = 'query Measured { openAlerts people { name } }';
  for (let index = 0; index < 64; index += 1) await running.post({ query });

  expect(await valueOf('graphql_operation_measured_total', { operation: 'Measured' })).toBe(1);
  expect(await valueOf('graphql_operation_measured_cost_total', { operation: 'Measured' })).toBeGreaterThan(0);
});

test('a flood of made-up names of operations and clients leaves as many series as before, and busy names their own', async () => {
  const flood = Array.from({ length: 150 }, (_, index) => index);
  await Promise.all(
    flood.map((index) => running.post({ query: `query MadeUp${index} { __typename }` }, asClient(`made-up-${index}`))),
  );
  await Promise.all(flood.map((index) => running.post({ query: '{ nonsense }', operationName: `Nonsense${index}` })));

  expect(await seriesOf('graphql_operation_latency_seconds_count')).toHaveLength(11);
  expect(await seriesOf('graphql_client_latency_seconds_count')).toHaveLength(4);
  expect(await valueOf('graphql_operation_requests_total', { operation: 'ListPeople', outcome: 'ok' })).toBe(3);
  expect(await valueOf('graphql_operation_requests_total', { operation: 'other', outcome: 'refused' })).toBe(150);
  expect(await running.metrics()).not.toContain('Nonsense');
});

test('documents that are found parsed are counted, and those that are not', async () => {
  const [hits = 0, misses = 0] = [
    await valueOf('graphql_document_store_hits_total', {}),
    await valueOf('graphql_document_store_misses_total', {}),
  ];
  const query = 'query Anew { openAlerts }';

  await running.post({ query });
  await running.post({ query });

  expect(await valueOf('graphql_document_store_hits_total', {})).toBe(hits + 1);
  expect(await valueOf('graphql_document_store_misses_total', {})).toBe(misses + 1);
});
