import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { Health } from '../health/index.js';
import { createHttpServer, type HttpServer } from '../http/index.js';
import { anonymousPrincipal, encodePrincipal, signPrincipal } from '../identity/index.js';
import { Lifecycle } from '../lifecycle/index.js';
import { createLogger } from '../logging/index.js';
import { createMetrics } from '../metrics/index.js';
import { createGate } from '../overload/index.js';
import { addGraphqlRoute } from './graphql-route.js';

const principalSecret = 'the-secret-between-gateway-and-subgraphs';
const body = '{"query":"{ told }"}';

let lines: { level: string; msg: string; reason: string; remedy: string; requestId: string }[] = [];
const logger = createLogger({
  service: 'test',
  level: 'info',
  destination: { write: (line) => void lines.push(JSON.parse(line)) },
});
const lifecycle = new Lifecycle({ logger, drainDelayMs: 0, shutdownTimeoutMs: 10_000 });
let server: HttpServer;

beforeAll(async () => {
  server = createHttpServer({
    logger,
    lifecycle,
    health: new Health(lifecycle),
    metrics: createMetrics({ service: 'test', withProcessMetrics: false }),
    maxBodyBytes: 1_000,
  });
  await addGraphqlRoute(server, {
    subgraph: 'test',
    schema: new GraphQLSchema({
      query: new GraphQLObjectType({ name: 'Query', fields: { told: { type: GraphQLString } } }),
    }),
    principalSecrets: [principalSecret],
    gate: createGate({ maxConcurrent: 10, maxQueueMs: 1_000, lifecycle }),
    createRequestContext: () => {
      throw new Error('Nobody gets so far');
    },
    lifecycle,
    logger,
  });
});

afterAll(async () => {
  await lifecycle.stop();
  await server.close();
});

beforeEach(() => {
  lines = [];
});

async function ask(proof: Readonly<Record<string, string>>): Promise<{ status: number; reason: string }> {
  const headers = { 'content-type': 'application/json', 'x-request-id': 'request-1', ...proof };
  const answer = await server.inject({ method: 'POST', url: '/graphql', headers, body });
  const [error] = answer.json<{ errors: { extensions: { details: { reason: string } } }[] }>().errors;
  return { status: answer.statusCode, reason: error?.extensions.details.reason ?? '' };
}

function sign(secret: string, nowMs: number): Readonly<Record<string, string>> {
  const signed = { audience: 'test', method: 'POST', path: '/graphql', body };
  return { ...signPrincipal(secret, signed, { principal: encodePrincipal(anonymousPrincipal) }, nowMs) };
}

test.each([
  ['by another secret', 'SIGNATURE_WRONG', () => sign('some-other-secret-of-thirty-two-bytes', Date.now())],
  ['by a clock that is slow', 'SIGNATURE_STALE', () => sign(principalSecret, Date.now() - 60_000)],
  ['by a clock that is fast', 'SIGNATURE_STALE', () => sign(principalSecret, Date.now() + 60_000)],
])('a signature that was made %s is refused, with a warning that says so', async (_how, reason, proof) => {
  expect(await ask(proof())).toEqual({ status: 401, reason });
  expect(lines).toMatchObject([{ level: 'warn', msg: 'a signature was refused', reason, requestId: 'request-1' }]);
});

test('what is not signed is refused, and is nothing to log: anybody can send it', async () => {
  expect(await ask({})).toEqual({ status: 401, reason: 'SIGNATURE_MISSING' });
  expect(lines).toEqual([]);
});
