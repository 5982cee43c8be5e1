import type { GatewayGraphQLRequestContext, GatewayGraphQLResponse } from '@apollo/server-gateway-interface';
import type { Principal } from '@tessera/service/identity';
import type { GraphQLSchema } from 'graphql';
import type { GrantPolicies } from '../guards/authorization/authorization.js';
import type { PlannerChoice } from '../planning/create-planner.js';
import type { QueryPlan } from '../planning/query-plan.js';
import type { ApolloLogger } from './apollo-logger.js';

export interface SubgraphDefinition {
  readonly name: string;
  readonly url?: string;
}

/** What a data source is told about one request; of `@apollo/gateway`'s kind, by the words it uses. */
export interface DataSourceRequest {
  readonly kind: string;
  readonly request: GatewayGraphQLRequestContext['request'];
  readonly incomingRequestContext?: GatewayGraphQLRequestContext;
  readonly context: Record<string, unknown>;
}

/** Asks one subgraph: a `RemoteGraphQLDataSource` of `@apollo/gateway`, or anything with its method. */
export interface DataSource {
  process(request: DataSourceRequest): Promise<GatewayGraphQLResponse>;
}

/** What whoever brings supergraphs may use. */
export interface SupergraphHookOptions {
  /** Takes over another supergraph. @throws Error with the reasons where it does not load; the one before goes on */
  readonly update: (supergraphSdl: string) => void;
  /** Asks every subgraph of a supergraph for `__typename`. @throws Error naming a subgraph that does not answer */
  readonly healthCheck: (supergraphSdl: string) => Promise<void>;
  readonly getDataSource: (definition: SubgraphDefinition) => DataSource;
}

export type SupergraphHook = (
  options: SupergraphHookOptions,
) => Promise<{ readonly supergraphSdl: string; readonly cleanup?: () => Promise<void> }>;

/** Brings supergraphs, as `IntrospectAndCompose` of `@apollo/gateway` does. */
export interface SupergraphManager {
  initialize: SupergraphHook;
}

export interface SupergraphInfo {
  readonly schema: GraphQLSchema;
  /** SHA-256 of the SDL, hex. */
  readonly compositionId: string;
  readonly supergraphSdl: string;
}

/** Managed federation: supergraphs come from Apollo's registry, for `APOLLO_KEY` and `APOLLO_GRAPH_REF`. */
export interface ManagedOptions {
  /** Default: those of Apollo, or `APOLLO_SCHEMA_CONFIG_DELIVERY_ENDPOINT`. */
  readonly uplinkEndpoints?: readonly string[];
  /** One endpoint; the older name. */
  readonly schemaConfigDeliveryEndpoint?: string;
  /** Default: each endpoint three times. */
  readonly uplinkMaxRetries?: number;
  /** Default 10,000, the least that Apollo allows. */
  readonly fallbackPollIntervalInMs?: number;
  /** The older name. */
  readonly pollIntervalInMs?: number;
  /** Asks the registry. Default: the global `fetch`. */
  readonly fetcher?: typeof fetch;
}

/** The options of `ApolloGateway` that make sense over this engine, and a few of its own. */
export interface TesseraGatewayOptions extends ManagedOptions {
  /** Absent for managed federation. */
  readonly supergraphSdl?: string | SupergraphManager | SupergraphHook;
  /** Brings a supergraph each time that it is called: once, and then every `pollIntervalInMs` where that is given. */
  readonly experimental_updateSupergraphSdl?: (options: TesseraGatewayOptions) => Promise<{
    readonly id: string;
    readonly supergraphSdl: string;
    readonly minDelaySeconds?: number;
  }>;
  /** Makes what asks a subgraph; without it this engine's own client does, over kept connections. */
  readonly buildService?: (definition: SubgraphDefinition) => DataSource;
  /** Whether `load` fails where a subgraph does not answer. */
  readonly serviceHealthCheck?: boolean;
  readonly logger?: ApolloLogger;
  readonly experimental_didUpdateSupergraph?: (current: SupergraphInfo, previous?: SupergraphInfo) => void;
  readonly experimental_didResolveQueryPlan?: (resolved: {
    readonly queryPlan: QueryPlan;
    readonly requestContext: GatewayGraphQLRequestContext;
  }) => void;

  /** Who asks, for `@authenticated`, `@requiresScopes` and `@policy`; without it everybody is anonymous. */
  readonly principal?: (requestContext: GatewayGraphQLRequestContext) => Principal;
  readonly grantPolicies?: GrantPolicies;
  /** Default `null`. */
  readonly unauthorizedFields?: 'null' | 'reject';
  /** Default `auto`. */
  readonly planner?: PlannerChoice;
  /** The deadline of one operation. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** The deadline of one request to a subgraph. Default 10,000. */
  readonly subgraphTimeoutMs?: number;
  /** Whether equal queries of one caller that run at the same time share a request; not by data sources. Default true. */
  readonly deduplicatesInFlight?: boolean;
}
