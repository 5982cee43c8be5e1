import { createHash, randomUUID } from 'node:crypto';
import { serviceUrl, migrateDatabase, provisionDatabase } from '@tessera/service/database';
import { createInProcessCache } from '@tessera/service/cache';
import { createInProcessEventBus, type DomainEvent, type EventBus } from '@tessera/service/events';
import {
  anonymousPrincipal,
  encodePrincipal,
  permissionsOf,
  signPrincipal,
  type Principal,
} from '@tessera/service/identity';
import { createLogger } from '@tessera/service/logging';
import { createInProcessPubSubHub, type PubSub } from '@tessera/service/pubsub';
import { createSubgraph, type Subgraph } from '@tessera/service/subgraph';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { quietLogger } from './leftovers.js';
import { startPostgresServer, type PostgresServer } from './postgres-server.js';

export const principalSecret = 'the-secret-between-gateway-and-subgraphs';
export const servicePassword = 'service-password';

export interface GraphqlAnswer<Data = Record<string, never>> {
  readonly data?: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: { readonly code: string; readonly details?: Record<string, unknown> };
  }[];
}

/** One subgraph on a PostgreSQL of its own, spoken to as a gateway speaks to it. */
export interface SubgraphHarness {
  readonly url: string;
  /** The connection string of the service's own role. */
  readonly databaseUrl: string;
  readonly adminUrl: string;
  readonly eventBus: EventBus;
  readonly pubSub: PubSub;
  /** SQL statements since the last call of `forgetQueries`. */
  readonly queries: readonly string[];
  forgetQueries(): void;
  /** Sends an operation as a principal. Untyped data: a test asserts on exactly what came. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape is the assertion's business
  request<Data = any>(principal: Principal, query: string, variables?: object): Promise<GraphqlAnswer<Data>>;
  /** Opens a subscription as a principal; results arrive by iterating, `return` ends it. */
  subscribe(
    principal: Principal,
    query: string,
    variables?: Record<string, unknown>,
    extensions?: Record<string, unknown>,
  ): AsyncIterableIterator<unknown>;
  /** Delivers an event as another subgraph's relay would; resolves when it was handled. */
  deliver(event: DomainEvent): Promise<void>;
  /** Starts another instance on the same database, with other settings where given; it stops with this one. */
  startAnother(settings?: Readonly<Record<string, string>>): Promise<Pick<SubgraphHarness, 'request'>>;
  stop(): Promise<void>;
}

export interface HarnessOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Runs on this server, which whoever started it stops; otherwise on one of its own. */
  readonly postgres?: PostgresServer;
}

/** Starts PostgreSQL, provisions and migrates the subgraph's database, and starts the subgraph on a free port. */
export async function startSubgraphHarness(subgraph: Subgraph, options: HarnessOptions = {}): Promise<SubgraphHarness> {
  if (options.postgres !== undefined) {
    const { postgres } = options;
    await prepareDatabase(postgres.adminUrl, subgraph);
    return startOn({ ...postgres, stop: () => Promise.resolve() }, subgraph, options);
  }
  const postgres = await startPreparedPostgres(subgraph);
  try {
    return await startOn(postgres, subgraph, options);
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/** Starts PostgreSQL with the database of a subgraph, provisioned and migrated. */
export function startPreparedPostgres(subgraph: Subgraph): Promise<PostgresServer> {
  // Two suites may call different subgraphs the same.
  const contents = createHash('sha256').update(JSON.stringify(subgraph.migrations.map(({ name }) => name)));
  return startPostgresServer({
    name: `${subgraph.name}-${contents.digest('hex').slice(0, 12)}`,
    prepare: (adminUrl) => prepareDatabase(adminUrl, subgraph),
  });
}

async function prepareDatabase(adminUrl: string, subgraph: Subgraph): Promise<void> {
  await provisionDatabase(adminUrl, subgraph.name, servicePassword);
  await migrateDatabase({ ...subgraph, subgraph: subgraph.name, adminUrl, logger: quietLogger() });
}

async function startOn(
  postgres: PostgresServer,
  subgraph: Subgraph,
  { environment = {} }: HarnessOptions,
): Promise<SubgraphHarness> {
  const { adminUrl } = postgres;
  const logger = createLogger({ service: 'test', level: 'silent' });
  const databaseUrl = serviceUrl(adminUrl, subgraph.name, servicePassword);
  const eventBus = createInProcessEventBus({ logger });
  const pubSub = createInProcessPubSubHub();
  const queries: string[] = [];
  const create = (bus: EventBus, settings: Readonly<Record<string, string>> = {}) =>
    createSubgraph(subgraph, {
      environment: {
        HOST: '127.0.0.1',
        PORT: '0',
        DATABASE_URL: databaseUrl,
        PRINCIPAL_SECRET: principalSecret,
        LOG_LEVEL: 'silent',
        DRAIN_DELAY_MS: '0',
        RECURRING_JOB_POLL_SECONDS: '1',
        ...environment,
        ...settings,
      },
      adapters: { cache: createInProcessCache(), pubSub, eventBus: bus },
      onQuery: (sql) => queries.push(sql),
    });
  const created = await create(eventBus);
  const port = await created.start();
  const { name } = subgraph;
  const others: Awaited<ReturnType<typeof create>>[] = [];
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    databaseUrl,
    adminUrl,
    eventBus,
    pubSub,
    queries,
    forgetQueries: () => queries.splice(0),
    request: (principal, query, variables) =>
      sendSigned({ subgraph: name, url: `${url}/graphql` }, principal, query, variables),
    subscribe: (principal, query, variables, extensions) =>
      openSubscription(
        { subgraph: name, url: `ws://127.0.0.1:${port}/graphql` },
        principal,
        query,
        variables,
        extensions,
      ),
    deliver: (event) => eventBus.publish([event]),
    async startAnother(settings) {
      // What it relays, it hears itself: a bus of one process delivers to each consumer once.
      const another = await create(createInProcessEventBus({ logger }), settings);
      others.push(another);
      const endpoint = { subgraph: name, url: `http://127.0.0.1:${await another.start()}/graphql` };
      return { request: (principal, query, variables) => sendSigned(endpoint, principal, query, variables) };
    },
    stop: async () => {
      await Promise.all([created, ...others].map((instance) => instance.stop()));
      await postgres.stop();
    },
  };
}

/** Where one instance of a subgraph answers. */
export interface SubgraphEndpoint {
  readonly subgraph: string;
  readonly url: string;
}

/** Sends an operation as a gateway does, signed for a principal. */
export async function sendSigned<Data>(
  { subgraph, url }: SubgraphEndpoint,
  principal: Principal,
  query: string,
  variables: object = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<GraphqlAnswer<Data>> {
  const body = JSON.stringify({ query, variables });
  const signed = { audience: subgraph, method: 'POST', path: '/graphql', body };
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      ...headers,
      'content-type': 'application/json',
      ...signPrincipal(principalSecret, signed, { principal: encodePrincipal(principal) }, Date.now()),
    },
    body,
    // A hundred writers in one line take long on a busy machine.
    signal: AbortSignal.timeout(60_000),
  });
  return (await response.json()) as GraphqlAnswer<Data>;
}

/** Opens a subscription to a subgraph as a gateway does, on a socket of its own. */
export function openSubscription(
  { subgraph, url }: SubgraphEndpoint,
  principal: Principal,
  query: string,
  variables: Record<string, unknown> = {},
  extensions: Record<string, unknown> = {},
): AsyncIterableIterator<unknown> {
  const signed = { audience: subgraph, method: 'GET', path: '/graphql', body: '' };
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: () => ({
      ...signPrincipal(principalSecret, signed, { principal: encodePrincipal(principal) }, Date.now()),
    }),
  });
  const results = client.iterate({ query, variables, extensions });
  return {
    next: () => results.next(),
    async return() {
      await results.return?.();
      await client.dispose();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

export interface AUserOptions {
  readonly userId?: string;
  readonly tenantId?: string;
  readonly role?: 'SUPER_ADMIN' | 'TENANT_ADMIN' | 'USER';
}

/** A signed-in person, as the gateway would describe them. */
export function aUser({ userId = randomUUID(), tenantId, role = 'USER' }: AUserOptions = {}): Principal & {
  readonly userId: string;
} {
  const roles = tenantId === undefined ? [] : [role];
  return {
    kind: 'user',
    userId,
    sessionId: randomUUID(),
    ...(tenantId === undefined ? {} : { tenantId }),
    roles,
    scopes: [...permissionsOf(roles)],
  };
}

export const anonymous = anonymousPrincipal;
