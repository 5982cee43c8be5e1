import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { createInProcessCache } from '@tessera/service/cache';
import { serviceUrl } from '@tessera/service/database';
import { createInProcessEventBus } from '@tessera/service/events';
import type { Principal } from '@tessera/service/identity';
import { createLogger } from '@tessera/service/logging';
import { createInProcessPubSubHub, type PubSub } from '@tessera/service/pubsub';
import { createSubgraph } from '@tessera/service/subgraph';
import type { PostgresServer } from '../../support/postgres-server.js';
import {
  openSubscription,
  principalSecret,
  sendSigned,
  servicePassword,
  startPreparedPostgres,
  type SubgraphHarness,
} from '../../support/subgraph-harness.js';

/** One of several instances of analytics on one database. */
export interface Instance extends Pick<SubgraphHarness, 'request' | 'subscribe'> {
  /** Whether this instance has evaluated rules since `forget`. */
  hasEvaluated(): boolean;
  forget(): void;
  stop(): Promise<void>;
}

/** A database, and what instances of analytics share beside it. */
export interface Cluster {
  readonly postgres: PostgresServer;
  readonly databaseUrl: string;
  startInstance(): Promise<Instance>;
  stop(): Promise<void>;
}

const logger = createLogger({ service: 'test', level: 'silent' });

/** @param redisUrl what the instances share beside the database; channels of this process when absent */
export async function startCluster(redisUrl?: string): Promise<Cluster> {
  const postgres = await startPreparedPostgres(analyticsSubgraph);
  const databaseUrl = serviceUrl(postgres.adminUrl, 'analytics', servicePassword);
  const pubSub = createInProcessPubSubHub();
  const instances: Instance[] = [];
  return {
    postgres,
    databaseUrl,
    startInstance: async () => {
      const instance = await startInstance(databaseUrl, redisUrl ?? pubSub);
      instances.push(instance);
      return instance;
    },
    stop: async () => {
      await Promise.all(instances.map((instance) => instance.stop()));
      await postgres.stop();
    },
  };
}

async function startInstance(databaseUrl: string, shared: string | PubSub): Promise<Instance> {
  const queries: string[] = [];
  const created = await createSubgraph(analyticsSubgraph, {
    environment: {
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: databaseUrl,
      PRINCIPAL_SECRET: principalSecret,
      LOG_LEVEL: 'silent',
      DRAIN_DELAY_MS: '0',
      ALERT_EVALUATION_INTERVAL_MS: '100',
      ALERT_LEASE_MS: '1000',
      ...(typeof shared === 'string' ? { REDIS_URL: shared } : {}),
    },
    ...(typeof shared === 'string'
      ? {}
      : { adapters: { cache: createInProcessCache(), pubSub: shared, eventBus: createInProcessEventBus({ logger }) } }),
    onQuery: (sql) => queries.push(sql),
  });
  const port = await created.start();
  return {
    request: (principal: Principal, query: string, variables?: object) =>
      sendSigned({ subgraph: 'analytics', url: `http://127.0.0.1:${port}/graphql` }, principal, query, variables),
    subscribe: (principal, query, variables) =>
      openSubscription({ subgraph: 'analytics', url: `ws://127.0.0.1:${port}/graphql` }, principal, query, variables),
    hasEvaluated: () => queries.some((sql) => /from alert_rule where enabled/.test(sql)),
    forget: () => void queries.splice(0),
    stop: () => created.stop(),
  };
}
