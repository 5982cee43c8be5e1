import {
  booleanField,
  countField,
  loadConfig,
  millisecondsField,
  portField,
  secretsField,
  serviceFields,
  urlField,
  type Environment,
} from '@tessera/service/config';
import { maxRegisteredOperations } from '@tessera/service/operations';
import { z } from 'zod';
import { cachingFields } from './config-caching.js';
import { assertPlaceHeaders, clientFields } from './config-client.js';
import { completeOrigins, httpFields } from './config-http.js';
import { completeLimits, limitFields, type Limits } from './config-limits.js';
import { contentCodingsField, forwardHeadersField, listModesField, timeoutsField } from './config-lists.js';
import { overloadFields, rateLimitFields } from './config-rates.js';
import { assertSigning } from './config-signing.js';
import { streamFields } from './config-streams.js';
import { listModes } from './operations/list-policy.js';

const positiveCountField = z.coerce.number().int().positive();

/** Everything that can be set about a gateway. None of it is needed to stand in front of a foreign supergraph. */
export const gatewayConfigSchema = z.object({
  ...serviceFields,
  ...rateLimitFields,
  ...overloadFields,
  PORT: portField.default(4000),
  /** The first signs. Without any, requests go to subgraphs unsigned and without a principal: for subgraphs that are not Tessera's. */
  PRINCIPAL_SECRET: secretsField.optional(),
  SUPERGRAPH_PATH: z.string().default('schema/supergraph.graphql'),
  /** `auth=http://h:4001/graphql,tenant=...`: replaces the supergraph's URLs; instances of one subgraph are parted by `|`. */
  SUBGRAPH_URLS: z.string().default('').transform(parseSubgraphUrls),
  /** Where access tokens' keys are. Without it nobody is authenticated here and `Authorization` is handed on. */
  JWKS_URL: urlField.optional(),
  /** What becomes of fields that a caller may not have (`@authenticated`, ...): they are null, or the operation is refused. */
  UNAUTHORIZED_FIELDS: z.enum(['null', 'reject']).default('null'),
  SUBGRAPH_ERRORS: z.enum(['masked', 'shown']).default('masked'),
  /** Where auth lists the sessions that ended lately. Without it a gateway knows only of those that end while it runs. */
  ENDED_SESSIONS_URL: urlField.optional(),
  /** Origin of auth, which knows API keys and gives machine clients tokens. Without it there are neither. */
  API_KEYS_URL: urlField.optional(),

  ...clientFields,

  /** From the first byte of a request to the last of its answer. */
  REQUEST_TIMEOUT_MS: millisecondsField.default(30_000),
  SUBGRAPH_TIMEOUT_MS: millisecondsField.default(10_000),
  /** `tenant=2000,storage=30000`: where a subgraph has another timeout. */
  SUBGRAPH_TIMEOUTS_MS: timeoutsField,
  /** The largest answer of a subgraph that is read. */
  MAX_SUBGRAPH_RESPONSE_BYTES: positiveCountField.default(16_777_216),
  /** `gzip, br`: subgraphs may compress. Worth it only where the network between costs more than the processor. */
  SUBGRAPH_ACCEPT_ENCODING: contentCodingsField,
  /** `accept-language, x-region`: what of a client's headers subgraphs get as it came. */
  FORWARD_HEADERS: forwardHeadersField,
  /** Equal queries that one caller has under way at the same time share a request to the subgraph. */
  DEDUPLICATE_IN_FLIGHT: booleanField.default(true),
  MAX_BODY_BYTES: positiveCountField.default(1_048_576),

  /** `auto`: the native planner, and Tessera's own for what the native one cannot plan. */
  PLANNER: z.enum(['auto', 'native', 'tessera', 'apollo']).default('auto'),
  /** The longest that planning one operation may take. */
  PLAN_TIMEOUT_MS: millisecondsField.default(800),

  ...cachingFields,

  /** Whether clients may register queries themselves, by sending hash and text once (automatic persisted queries). */
  APQ: booleanField.default(true),
  APQ_TTL_SECONDS: positiveCountField.default(86_400),
  /** A manifest of operations, or a folder of them; watched. */
  OPERATION_MANIFESTS_PATH: z.string().min(1).optional(),
  /** Where analytics lists the manifests that were published by mutation. */
  OPERATION_MANIFESTS_URL: urlField.optional(),
  /** What becomes of operations that no manifest has. */
  PERSISTED_OPERATIONS: z.enum(listModes).default('off'),
  /** `ios=id-only,web=report`: clients for which it is something else. */
  PERSISTED_OPERATIONS_BY_CLIENT: listModesField,
  /** The most operations of all manifests together. */
  MAX_REGISTERED_OPERATIONS: positiveCountField.default(maxRegisteredOperations),
  /** How many parsed and validated documents are kept; the least recently used go first. */
  MAX_DOCUMENTS: positiveCountField.default(2_000),
  ...limitFields,
  ...httpFields,
  ...streamFields,
  /** Of operations without errors, the share that is logged; all others always are. */
  LOG_SUCCESSFUL_SHARE: z.coerce.number().min(0).max(1).default(1),
  /** Names of operations that have metrics of their own, the busiest; the rest is counted as `other`. 0: no such metrics. */
  METRICS_MAX_OPERATIONS: countField.default(100),
  /** The same for names of clients. */
  METRICS_MAX_CLIENTS: countField.default(20),

  /** Whether analytics is told which clients use which fields; by default where callers are authenticated. */
  FIELD_USAGE: booleanField.optional(),
  /** How often it is told. */
  FIELD_USAGE_INTERVAL_MS: millisecondsField.default(10_000),

  GRAPHIQL: booleanField.default(true),

  /** How long a socket may be open before it has said who it is, and an event stream reserved before it is opened. */
  CONNECTION_INIT_TIMEOUT_MS: millisecondsField.default(5_000),
  /** WebSockets, event streams and multipart streams that one gateway holds; one more is answered 503. */
  MAX_LIVE_CONNECTIONS: positiveCountField.default(50_000),
  /** How many of them one person may have. */
  MAX_LIVE_CONNECTIONS_PER_CALLER: positiveCountField.default(1_000),
  /** Those of one tenant. */
  MAX_LIVE_CONNECTIONS_PER_TENANT: positiveCountField.default(20_000),
  /** Subscriptions of one gateway, of one tenant, of one person. */
  MAX_SUBSCRIPTIONS: positiveCountField.default(200_000),
  MAX_SUBSCRIPTIONS_PER_TENANT: positiveCountField.default(100_000),
  MAX_SUBSCRIPTIONS_PER_CALLER: positiveCountField.default(5_000),
  /**
   * How often sockets are pinged, and streams show that they live; a socket that has not answered by the next time is
   * closed, and so is a stream whose client has read nothing for two. 0: never.
   */
  SOCKET_PING_INTERVAL_MS: countField.default(15_000),
  /** Operations of one socket, or of a single event stream, that run at the same time: subscriptions and others. */
  MAX_SUBSCRIPTIONS_PER_SOCKET: positiveCountField.default(100),
  /** Equal subscriptions of equal callers share one stream of the subgraph, and its answers. */
  DEDUPLICATE_SUBSCRIPTIONS: booleanField.default(true),
  /** How long a stream of a subgraph that was lost is tried to be opened again. */
  SUBSCRIPTION_RESUME_MS: millisecondsField.default(60_000),
  /** Events that wait for a slow subscriber; one more closes its connection, unless only the latest counts. */
  MAX_BUFFERED_EVENTS: positiveCountField.default(256),
  /** What they may hold together; one event alone may be larger. */
  MAX_BUFFERED_EVENT_BYTES: positiveCountField.default(1_048_576),
});

export type GatewayConfig = Readonly<
  z.infer<typeof gatewayConfigSchema> & Limits & { readonly CORS_ORIGINS: readonly string[] }
>;

/** Subgraph -> the URLs of its instances. */
export type SubgraphUrls = ReadonlyMap<string, readonly string[]>;

/** @throws ConfigError naming every fault at once */
export function loadGatewayConfig(environment: Environment): GatewayConfig {
  const config = assertSigning(assertPlaceHeaders(loadConfig(gatewayConfigSchema, environment)));
  return Object.freeze(completeOrigins(completeLimits(config)));
}

function parseSubgraphUrls(text: string, check: z.RefinementCtx): SubgraphUrls {
  const urls = new Map<string, readonly string[]>();
  for (const entry of text.split(',').filter((part) => part.trim() !== '')) {
    const [name = '', ...rest] = entry.split('=');
    const instances = rest
      .join('=')
      .split('|')
      .map((url) => url.trim());
    if (name.trim() === '' || !instances.every((url) => URL.canParse(url))) {
      check.addIssue({ code: 'custom', message: 'must be a list of name=url, several URLs of one name parted by |' });
    }
    urls.set(name.trim(), instances);
  }
  return urls;
}
