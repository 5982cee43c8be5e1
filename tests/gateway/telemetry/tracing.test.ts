import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTraceCollector, type TraceCollector } from '../../support/trace-collector.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
let collector: TraceCollector;
let running: RunningGateway;

beforeAll(async () => {
  collector = await startTraceCollector();
  running = await startRunningGateway({
    // A busy machine plans slowly, and what could not be planned in time is another failure than those looked for.
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, PLAN_TIMEOUT_MS: '10000' },
  });
});

afterAll(async () => {
  await running.close();
  await collector.close();
});

test("an operation is a span of its caller's trace, with its plan and its subgraph requests as parts", async () => {
  await running.post(
    { query: 'query FindPerson($id: ID!) { person(id: $id) { name } }', variables: { id: 'a-secret-value' } },
    { traceparent: `00-${traceId}-b7ad6b7169203331-01`, 'apollographql-client-name': 'console' },
  );

  const operation = await collector.find((span) => span.traceId === traceId && span.name === 'query');
  expect(operation).toMatchObject({
    service: 'gateway',
    parentSpanId: 'b7ad6b7169203331',
    attributes: { 'graphql.operation.type': 'query', 'tessera.client.name': 'console' },
    failure: undefined,
  });
  const plan = await collector.find((span) => span.traceId === traceId && span.name === 'plan');
  const call = await collector.find((span) => span.traceId === traceId && span.name.startsWith('subgraph '));
  expect([plan.parentSpanId, call.parentSpanId]).toEqual([operation.spanId, operation.spanId]);
  expect(collector.text()).not.toContain('a-secret-value');
});

test('the subgraph is told the span that asks it', async () => {
  const { body } = await running.post({ query: '{ header(name: "traceparent") }' });

  const traceparent = String(body.data?.['header']);
  const call = await collector.find(({ spanId }) => traceparent.includes(spanId));
  expect(call.name).toMatch(/^subgraph /);
  expect(traceparent).toBe(`00-${call.traceId}-${call.spanId}-01`);
});

test('a refused operation is a span that failed, with its code', async () => {
  await running.post({ query: '{ nothing }' });

  const refused = await collector.find(({ failure }) => failure !== undefined);
  expect(refused).toMatchObject({ failure: 'GRAPHQL_VALIDATION_FAILED' });
});

test('a caller that does not sample is not traced', async () => {
  const unsampled = '1af7651916cd43dd8448eb211c80319c';
  await running.post({ query: '{ openAlerts }' }, { traceparent: `00-${unsampled}-b7ad6b7169203331-00` });
  const { body } = await running.post({ query: 'query After { header(name: "traceparent") }' });

  await collector.find(({ spanId }) => String(body.data?.['header']).includes(spanId));
  expect(collector.spans.filter((span) => span.traceId === unsampled)).toEqual([]);
});
