import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import type { FormattedExecutionResult } from 'graphql';
import { compose, federationLink } from '../../gateway/support/federation.js';
import { bombable } from '../../gateway/support/planner-bombs.js';
import { startFakeSubgraph, type FakeSubgraph } from '../../support/fake-subgraph.js';
import { freePort } from '../../support/free-port.js';
import { createLeftovers } from '../../support/leftovers.js';
import { startPlatformProcess } from '../../support/platform-process.js';
import { startStreamingSubgraph } from '../../support/streaming-subgraph.js';
import { startTokenIssuer } from '../../support/token-issuer.js';

/** A gateway with production's limits, in a process of its own, whose processor time is its own too. */
export interface GuardedGateway {
  readonly url: string;
  readonly port: number;
  /** A valid `Authorization`. */
  readonly authorization: string;
  /** The subgraph that answers `echo`. */
  readonly doors: FakeSubgraph;
  /** Processor time that the process has used so far, all its threads. */
  cpuMs(): Promise<number>;
  isAlive(): boolean;
  close(): Promise<void>;
}

const doors = `
  type Query { echo(value: JSON, text: String, ids: [ID!], number: Float, input: Nested): JSON  self: Self  list: [Self!]!  crowd: [Self!]! }
  type Self @key(fields: "id") { id: ID!  self: Self  list(first: Int): [Self!]!  label: String }
  type Mutation { signIn(email: String!, password: String!): Boolean }
  input Nested { a: Nested  list: [Nested!] }
  scalar JSON
`;
const ticks = `
  type Self @key(fields: "id") { id: ID!  extra: String }
  type Query { self2: Self }
  type Subscription { ticks(last: Int!): Self  other: Int }
`;
const self = {
  id: '1',
  label: 'label',
  extra: 'extra',
  self: () => ({ id: '1', label: 'label' }),
  list: () => [{ id: '1', label: 'label' }],
};

const crowd = Array.from({ length: 25 }, () => self);

/** Starts the subgraphs and the gateway. */
export async function startGuardedGateway(environment: Readonly<Record<string, string>> = {}): Promise<GuardedGateway> {
  const leftovers = createLeftovers();
  const issuer = await startTokenIssuer();
  leftovers.defer('issuer', () => issuer.close());
  const started = await startFakeSubgraph(`${federationLink}\n${doors}`, {
    Query: {
      echo: (_source: unknown, given: object) => given,
      self: () => self,
      list: () => [self],
      crowd: () => crowd,
    },
    Mutation: { signIn: () => true },
    Self: { __resolveReference: () => self },
  });
  leftovers.defer('doors', () => started.close());
  const streaming = await startStreamingSubgraph({
    typeDefs: `${federationLink}\n${ticks}`,
    resolvers: {
      Query: { self2: () => self },
      Self: { __resolveReference: () => self },
      Subscription: {
        ticks: {
          async *subscribe(_source: unknown, { last }: { last: number }) {
            for (let count = 0; count < last; count += 1) yield { ticks: self };
          },
        },
      },
    },
  });
  leftovers.defer('ticks', () => streaming.close());
  const services: Record<string, { typeDefs: string; url: string }> = {
    doors: { typeDefs: doors, url: started.url },
    ticks: { typeDefs: ticks, url: streaming.url },
  };
  for (const [name, { typeDefs, resolvers }] of Object.entries(bombable)) {
    const subgraph = await startFakeSubgraph(`${federationLink}\n${typeDefs}`, resolvers);
    leftovers.defer(name, () => subgraph.close());
    services[name] = { typeDefs, url: subgraph.url };
  }
  const folder = await mkdtemp(join(tmpdir(), 'tessera-guarded-'));
  leftovers.defer('folder', () => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'supergraph.graphql'), compose(services));

  const [port, internalPort] = [await freePort(), await freePort()];
  const gateway = startPlatformProcess('gateway/dist/main.js', [], {
    PORT: String(port),
    INTERNAL_PORT: String(internalPort),
    HOST: '127.0.0.1',
    DRAIN_DELAY_MS: '0',
    SUPERGRAPH_PATH: join(folder, 'supergraph.graphql'),
    JWKS_URL: issuer.jwksUrl,
    RATE_LIMITS: 'none',
    MAX_BATCH_SIZE: '10',
    ...environment,
  });
  leftovers.defer('gateway', () => gateway.end('SIGTERM'));
  let isAlive = true;
  void gateway.ended.then(() => (isAlive = false));
  await gateway.written('the gateway takes requests');

  return {
    url: `http://127.0.0.1:${port}/graphql`,
    port,
    authorization: `Bearer ${await issuer.issue({}, { lifetimeSeconds: 3_600 })}`,
    doors: started,
    isAlive: () => isAlive,
    close: () => leftovers.close(),
    async cpuMs() {
      const { body } = await request(`http://127.0.0.1:${internalPort}/metrics`);
      const [, seconds] = /^process_cpu_seconds_total\S* ([\d.e-]+)/m.exec(await body.text()) ?? [];
      return Number(seconds) * 1_000;
    },
  };
}

/** Somebody who only wants to be answered, all the time. */
export interface Bystander {
  /** How often it was answered, and what it got instead. */
  leave(): Promise<{ readonly answered: number; readonly harmed: readonly unknown[] }>;
}

/** Asks one small thing after the other, over a connection of its own. */
export function startBystander(url: string): Bystander {
  const agent = new Agent({ connections: 1 });
  const harmed: unknown[] = [];
  let answered = 0;
  let stays = true;
  const ask = async (): Promise<void> => {
    const { statusCode, body } = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ self { label } }' }),
      dispatcher: agent,
    });
    const { data } = (await body.json()) as FormattedExecutionResult;
    if (statusCode === 200 && JSON.stringify(data) === '{"self":{"label":"label"}}') answered += 1;
    else harmed.push(statusCode);
  };
  const asking = (async () => {
    while (stays) {
      await ask().catch((error: unknown) => harmed.push(error));
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  })();
  return {
    async leave() {
      stays = false;
      await asking;
      await agent.close();
      return { answered, harmed };
    },
  };
}
