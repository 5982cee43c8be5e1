import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { createLeftovers, type Leftovers } from '../support/leftovers.js';
import { startLocalMode, type LocalMode } from '../support/local-mode.js';
import { describeWithRedis, startRedisServer } from '../support/redis-server.js';
import { startTraceCollector, type CollectedSpan, type TraceCollector } from '../support/trace-collector.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const callerSpanId = '00f067aa0ba902b7';

describeWithRedis('with Redis and a collector', () => {
  let leftovers: Leftovers;
  let collector: TraceCollector;
  let local: LocalMode;
  beforeAll(async () => {
    leftovers = createLeftovers();
    collector = await startTraceCollector();
    leftovers.defer('collector', () => collector.close());
    const redis = await startRedisServer();
    leftovers.defer('redis', () => redis.stop());
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, REDIS_URL: redis.url };
    local = await startLocalMode({ environment });
    leftovers.defer('platform', () => local.remove());
  }, 120_000);
  afterAll(() => leftovers.close());

  const ofTrace = (): readonly CollectedSpan[] => collector.spans.filter((span) => span.traceId === traceId);

  /** From a span up to who called: service and name of each. */
  function wayUp(span: CollectedSpan): readonly string[] {
    const parent = ofTrace().find(({ spanId }) => spanId === span.parentSpanId);
    const above = parent === undefined ? [String(span.parentSpanId)] : wayUp(parent);
    return [`${span.service}: ${span.name.split(' ')[0]}`, ...above];
  }

  test('one operation is one trace: from its caller through gateway and subgraph down to SQL, and to Redis', async () => {
    const query = 'mutation ($input: SignUpInput!) { signUp(input: $input) { user { id } } }';
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const response = await fetch(`${local.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-${callerSpanId}-01` },
      body: JSON.stringify({
        query,
        extensions: { persistedQuery: { version: 1, sha256Hash } },
        variables: {
          input: { email: `${randomUUID()}@example.com`, password: 'a-long-secret', displayName: 'Traced' },
        },
      }),
      signal: AbortSignal.timeout(30_000),
    });
    expect(await response.json()).toMatchObject({ data: { signUp: { user: { id: expect.any(String) } } } });

    const bySystem = (system: string) => ofTrace().filter(({ attributes }) => attributes['db.system.name'] === system);
    const findSets = () => bySystem('redis').filter(({ name }) => name === 'SET');
    const findInsert = () => bySystem('postgresql').find(({ name }) => name.startsWith('INSERT'));
    await eventually(() => {
      const ways = [...bySystem('postgresql'), ...bySystem('redis')].map(wayUp);
      // Spans come in portions: what was done last may come by itself.
      const hasAll = findInsert() !== undefined && findSets().length > 0;
      return hasAll && ways.every((way) => way.at(-1) === callerSpanId);
    }, 30_000);

    const insert = findInsert();
    expect(insert && wayUp(insert)).toEqual([
      'auth: INSERT',
      'auth: POST',
      'gateway: subgraph',
      'gateway: mutation',
      callerSpanId,
    ]);
    expect(findSets().map(wayUp)).toContainEqual(['gateway: SET', 'gateway: mutation', callerSpanId]);
    expect(new Set(ofTrace().map(({ spanId }) => spanId)).size).toBe(ofTrace().length);
    expect(collector.text()).not.toContain('a-long-secret');
  }, 60_000);
});
