import { expect, test } from '@jest/globals';
import { createRedis } from '@tessera/service/redis';
import { startTracing, withActiveSpan } from '@tessera/service/tracing';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { describeWithRedis, startRedisServer } from '../../support/redis-server.js';
import { aUser, sendSigned, startSubgraphHarness } from '../../support/subgraph-harness.js';
import { startTraceCollector } from '../../support/trace-collector.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const settings = { INVITATION_SECRET: 'a-secret-for-invitations-in-tests-only', MAIL_URL: 'console:' };
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;

test("a subgraph's request is a span of the gateway's trace, with its SQL as parts and without its values", async () => {
  const leftovers = createLeftovers();
  try {
    const collector = await startTraceCollector();
    leftovers.defer('collector', () => collector.close());
    const environment = { ...settings, OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint };
    const harness = await startSubgraphHarness(tenantSubgraph, { environment });
    leftovers.defer('subgraph', () => harness.stop());

    const create = 'mutation { createTenant(input: { name: "A secret name", slug: "secret-slug" }) { id } }';
    await sendSigned({ subgraph: 'tenant', url: `${harness.url}/graphql` }, aUser(), create, {}, { traceparent });

    const request = await collector.find((span) => span.traceId === traceId && span.name === 'POST /graphql');
    expect(request).toMatchObject({ service: 'tenant', parentSpanId: 'b7ad6b7169203331' });
    const insert = await collector.find((span) => span.traceId === traceId && span.name.startsWith('INSERT '));
    expect(insert).toMatchObject({ parentSpanId: request.spanId, attributes: { 'db.system.name': 'postgresql' } });
    expect(collector.text()).not.toMatch(/secret/i);
  } finally {
    await leftovers.close();
  }
}, 120_000);

test('a collector that is down breaks nothing', async () => {
  const harness = await startSubgraphHarness(tenantSubgraph, {
    environment: { ...settings, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
  });
  try {
    expect((await harness.request(aUser(), '{ tenant { id } }')).errors).toBeUndefined();
  } finally {
    await harness.stop();
  }
}, 120_000);

describeWithRedis('with Redis', () => {
  test('a command that is sent within a span is a part of it, by its name alone', async () => {
    const leftovers = createLeftovers();
    try {
      const collector = await startTraceCollector();
      leftovers.defer('collector', () => collector.close());
      const server = await startRedisServer();
      leftovers.defer('redis', () => server.stop());
      const logger = quietLogger();
      const config = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_TRACES_SAMPLER_ARG: 1 };
      const tracing = await startTracing({ service: 'test', config, logger, lifecycle: leftovers });
      const redis = createRedis(server.url, { logger, name: 'test', lifecycle: leftovers });
      const span = tracing?.begin('work', undefined);
      if (span === undefined) throw new Error('Tracing is on');

      await new Promise((resolve) => redis.once('ready', resolve));
      await withActiveSpan(span, () => redis.set('a-secret-key', 'a-secret-value'));
      span.end();

      const command = await collector.find(({ name }) => name === 'SET');
      const work = await collector.find(({ name }) => name === 'work');
      expect(command).toMatchObject({ parentSpanId: work.spanId, attributes: { 'db.system.name': 'redis' } });
      expect(collector.text()).not.toContain('a-secret');
    } finally {
      await leftovers.close();
    }
  });
});
