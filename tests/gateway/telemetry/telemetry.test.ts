import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createInProcessEventBus, type DomainEvent, type EventBus } from '@tessera/service/events';
import { createLogger } from '@tessera/service/logging';
import { tenantUsageEventType, tenantUsageSchema, type TenantUsage } from '@tessera/service/metrics';
import { eventually } from '../../support/eventually.js';
import { quietLogger } from '../../support/leftovers.js';
import { someClaims, startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.js';
import { openRawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const lines: Record<string, unknown>[] = [];
const published: DomainEvent[] = [];
const innerBus = createInProcessEventBus({ logger: quietLogger() });
let busIsDown = false;
const eventBus: EventBus = {
  ...innerBus,
  async publish(events) {
    if (busIsDown) throw new Error('The bus is down');
    published.push(...events);
  },
};
let issuer: TokenIssuer;
let running: RunningGateway;

beforeAll(async () => {
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of String(chunk).trim().split('\n')) lines.push(JSON.parse(line) as Record<string, unknown>);
      done();
    },
  });
  issuer = await startTokenIssuer();
  running = await startRunningGateway({
    environment: { JWKS_URL: issuer.jwksUrl },
    adapters: { eventBus },
    logger: createLogger({ service: 'gateway', level: 'info', destination }),
  });
});

afterAll(async () => {
  await running.close();
  await issuer.close();
});

function reportsOf(tenantId: string): readonly TenantUsage[] {
  return published
    .filter((event) => event.type === tenantUsageEventType && event.tenantId === tenantId)
    .map(({ payload }) => tenantUsageSchema.parse(payload));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

test('each operation is one log line: its name, client, outcome and ids, but no variables and no token', async () => {
  const token = await issuer.issue();

  await running.post(
    { query: 'query FindPerson($id: ID!) { person(id: $id) { name } }', variables: { id: 'a-secret-value' } },
    {
      authorization: `Bearer ${token}`,
      'apollographql-client-name': 'console',
      'apollographql-client-version': '1.2',
      'x-request-id': 'the-request-id',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    },
  );

  const line = lines.find(({ requestId }) => requestId === 'the-request-id');
  expect(line).toMatchObject({
    msg: 'operation',
    operationName: 'FindPerson',
    kind: 'query',
    outcome: 'ok',
    clientName: 'console',
    clientVersion: '1.2',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    durationMs: expect.any(Number),
  });
  expect(JSON.stringify(lines)).not.toContain('a-secret-value');
  expect(JSON.stringify(lines)).not.toContain(token);
});

test('operations, subgraph requests and plans are counted', async () => {
  const query = '{ openAlerts people { name } }';
  await running.post({ query });
  await running.post({ query });
  await running.post({ query: '{ nothing }' });
  await running.post({ query: '{ openAlerts fails }' });

  const metrics = await running.metrics();

  expect(metrics).toMatch(/graphql_operations_total\{[^}]*kind="query",outcome="ok"[^}]*\} \d/);
  expect(metrics).toMatch(/graphql_operations_total\{[^}]*kind="unknown",outcome="refused"[^}]*\} 1/);
  expect(metrics).toMatch(/graphql_operations_total\{[^}]*kind="query",outcome="partial"[^}]*\} 1/);
  expect(metrics).toMatch(/graphql_operation_duration_seconds_count\{[^}]*kind="query"[^}]*\} \d/);
  expect(metrics).toMatch(/graphql_subgraph_request_duration_seconds_count\{[^}]*subgraph="people"[^}]*\} \d/);
  expect(metrics).toMatch(/graphql_plan_cache_hits_total\{[^}]*\} [1-9]/);
  expect(metrics).toMatch(/graphql_plan_cache_misses_total\{[^}]*\} [1-9]/);
  expect(metrics).toMatch(/http_requests_total\{[^}]*status="200"[^}]*\} \d/);
});

test('what a tenant did is reported within two seconds: requests, errors, latencies, people, sockets', async () => {
  const tenantId = randomUUID();
  const claims = someClaims({ tid: tenantId });
  const authorization = `Bearer ${await issuer.issue(claims)}`;
  const socket = await openRawSocket(running.socketUrl);
  await socket.initialise({ authorization });

  await running.post({ query: '{ openAlerts }' }, { authorization });
  await running.post({ query: '{ openAlerts }' }, { authorization });
  await running.post({ query: '{ fails }' }, { authorization });

  await eventually(() => sum(reportsOf(tenantId).map(({ requests }) => requests)) === 3, 2_500);
  const reports = reportsOf(tenantId);
  expect(sum(reports.map(({ errors }) => errors))).toBe(1);
  expect(sum(reports.flatMap(({ latencyCounts }) => latencyCounts))).toBe(3);
  expect(reports.at(-1)).toMatchObject({ activeConnections: 1, userIds: [claims.sub] });

  socket.socket.close();
  await eventually(() => reportsOf(tenantId).at(-1)?.activeConnections === 0, 2_500);
});

test('a report that cannot be sent is not lost: it is in the next one', async () => {
  const tenantId = randomUUID();
  const authorization = `Bearer ${await issuer.issue(someClaims({ tid: tenantId }))}`;
  busIsDown = true;
  await running.post({ query: '{ openAlerts }' }, { authorization });
  await eventually(() => lines.some(({ msg }) => String(msg).startsWith('reporting usage failed')), 2_500);
  expect(reportsOf(tenantId)).toEqual([]);

  busIsDown = false;

  await eventually(() => sum(reportsOf(tenantId).map(({ requests }) => requests)) === 1, 2_500);
});
