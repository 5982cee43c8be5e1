import { Writable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { GraphQLObjectType, GraphQLScalarType, GraphQLSchema, GraphQLString } from 'graphql';
import { AppError } from '../errors/index.js';
import { anonymousPrincipal, encodePrincipal, signPrincipal } from '../identity/index.js';
import { Lifecycle } from '../lifecycle/index.js';
import { createLogger } from '../logging/index.js';
import { createGate } from '../overload/index.js';
import type { SubgraphContext } from './context.js';
import { addGraphqlRoute } from './graphql-route.js';

const principalSecret = 'the-secret-between-gateway-and-subgraphs';

const moment = new GraphQLScalarType({
  name: 'Moment',
  parseValue: (value) => {
    if (Number.isNaN(Date.parse(String(value)))) throw new TypeError('that is no date');
    return value;
  },
});

const failing = (error: Error) => ({
  type: GraphQLString,
  resolve: () => {
    throw error;
  },
});

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: {
      told: { type: GraphQLString, args: { at: { type: moment } }, resolve: (_source, { at }) => String(at) },
      refused: failing(new AppError('NOT_FOUND', 'It is not here')),
      broken: failing(new TypeError('nobody expected this')),
    },
  }),
});

let lifecycle: Lifecycle;
let server: FastifyInstance;
let lines: { level: string; code?: string; msg: string }[] = [];

const destination = new Writable({
  write(line: Buffer, _encoding, done) {
    lines.push(JSON.parse(line.toString()));
    done();
  },
});

beforeAll(async () => {
  const logger = createLogger({ service: 'test', level: 'info', destination });
  lifecycle = new Lifecycle({ logger, drainDelayMs: 0, shutdownTimeoutMs: 10_000 });
  server = fastify();
  await addGraphqlRoute(server, {
    subgraph: 'test',
    schema,
    principalSecrets: [principalSecret],
    gate: createGate({ maxConcurrent: 10, maxQueueMs: 1_000, lifecycle }),
    createRequestContext: ({ principal, client }, requestId, standAside = () => () => undefined) => {
      const scope = { close: () => undefined } as SubgraphContext['scope'];
      return { requestId, principal, client, scope, standAside, responseHeaders: new Map() };
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

async function ask(query: string, variables: object = {}): Promise<string | undefined> {
  const body = JSON.stringify({ query, variables });
  const signed = { audience: 'test', method: 'POST', path: '/graphql', body };
  const proof = signPrincipal(principalSecret, signed, { principal: encodePrincipal(anonymousPrincipal) }, Date.now());
  const headers = { 'content-type': 'application/json', ...proof };
  const answer = await server.inject({ method: 'POST', url: '/graphql', headers, body });
  return answer.json<{ errors?: { extensions: { code: string } }[] }>().errors?.[0]?.extensions.code;
}

test.each<[string, string, object, string]>([
  ['variable', 'query ($at: Moment) { told(at: $at) }', { at: 'yesterday' }, 'BAD_USER_INPUT'],
  ['literal', '{ told(at: "yesterday") }', {}, 'GRAPHQL_VALIDATION_FAILED'],
  ['name', '{ tolt }', {}, 'GRAPHQL_VALIDATION_FAILED'],
])('a typo in a %s is answered, and is nothing to log', async (_what, query, variables, code) => {
  expect(await ask(query, variables)).toBe(code);
  expect(lines).toEqual([]);
});

test('what a resolver throws is logged with the code of the answer, as an error where nobody expected it', async () => {
  expect(await ask('{ refused }')).toBe('NOT_FOUND');
  expect(await ask('{ broken }')).toBe('INTERNAL_SERVER_ERROR');

  expect(lines).toMatchObject([
    { level: 'info', code: 'NOT_FOUND', msg: 'resolver failed' },
    { level: 'error', code: 'INTERNAL_SERVER_ERROR', msg: 'resolver failed' },
  ]);
});
