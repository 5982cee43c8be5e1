import type { Cache } from '@tessera/service/cache';
import type { EventBus } from '@tessera/service/events';
import type { Lifecycle } from '@tessera/service/lifecycle';
import type { Logger } from '@tessera/service/logging';
import type { PubSub } from '@tessera/service/pubsub';
import type { GatewayConfig, SubgraphUrls } from './config.js';

/** What a gateway shares with the other processes of its platform. */
export interface GatewayAdapters {
  /** Automatic persisted queries. */
  readonly cache: Cache;
  /** Revocations of sessions. */
  readonly pubSub: PubSub;
  /** Reports of tenants' usage. */
  readonly eventBus: EventBus;
}

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly supergraphSdl: string;
  readonly logger: Logger;
  /** What is absent comes from `config.REDIS_URL`, or else lives in this process alone. Who hands one in closes it. */
  readonly adapters?: Partial<GatewayAdapters>;
  /** Replaces URLs of the supergraph and of `config.SUBGRAPH_URLS`. */
  readonly subgraphUrls?: SubgraphUrls;
}

/** A gateway that takes requests. */
export interface Gateway {
  readonly port: number;
  /** Where `/metrics` is, if `INTERNAL_PORT` is set. */
  readonly internalPort?: number;
  readonly lifecycle: Lifecycle;
  /** Drains, closes everything, and resolves when nothing is open any more. */
  stop(): Promise<void>;
}

/** Wires the rooms in the order of a request and opens the port. */
export declare function createGateway(options: GatewayOptions): Promise<Gateway>;
