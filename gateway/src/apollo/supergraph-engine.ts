import { parse } from 'graphql';
import type { Logger } from '@tessera/service/logging';
import { createAuthorizedEngine, type AuthorizedEngine } from '../authorized-engine.js';
import { createEngine } from '../execution/engine.js';
import type { GeneratedCode } from '../execution/generated-code.js';
import type { SubgraphClient } from '../execution/subgraph-client.js';
import { createAuthorization } from '../guards/authorization/authorization.js';
import { createPlanner } from '../planning/create-planner.js';
import type { KeptPlanning } from '../planning/kept/kept-planning.js';
import { loadSupergraph, type Supergraph } from '../planning/supergraph.js';
import { createResilientClient } from '../registry/resilient-client.js';
import { createPrepareAnswer } from '../response/prepare-answer.js';
import { carryErrors, createDataSourceClient } from './data-source-client.js';
import type { DataSources } from './data-sources.js';
import { noteTraces } from './fetch-traces.js';
import type { TesseraGatewayOptions } from './gateway-options.js';
import { restrictCachePolicy } from './restrict-cache-policy.js';

/** The engine of one supergraph, with everything that it has opened. */
export interface SupergraphEngine {
  readonly supergraph: Supergraph;
  readonly engine: AuthorizedEngine;
  /** Waits until the planner knows the supergraph. @throws Error with the planner's reasons */
  ready(): Promise<void>;
  /** Counts a use: what is closed meanwhile stays open until the use is over. */
  use<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Closes behind the last use. */
  close(): Promise<void>;
}

/** What outlives a supergraph. */
interface Kept {
  readonly planning: KeptPlanning;
  readonly generatedCode: GeneratedCode;
}

const maxPlanMs = 5_000;

/** @throws Error listing the reasons for text that is not a supergraph */
export function createSupergraphEngine(
  supergraphSdl: string,
  options: TesseraGatewayOptions,
  dataSources: DataSources,
  logger: Logger,
  kept: Kept,
): SupergraphEngine {
  const { subgraphTimeoutMs = 10_000, grantPolicies, unauthorizedFields = 'null' } = options;
  const supergraph = loadSupergraph(supergraphSdl);
  const subgraphClient = carryErrors(noteTraces(createClient(supergraph, options, dataSources, subgraphTimeoutMs)));
  const planner = createPlanner(supergraph, {
    choice: options.planner ?? 'auto',
    maxPlanMs,
    kept: kept.planning,
    onFallback: ({ message }) => logger.debug({ reason: message }, 'the second planner is asked'),
  });
  const authorization = createAuthorization({
    supergraph: parse(supergraphSdl, { noLocation: true }),
    unauthorizedFields,
    ...(grantPolicies === undefined ? {} : { grantPolicies }),
  });
  const engine = createAuthorizedEngine(
    createEngine({
      supergraph,
      planner,
      subgraphClient,
      prepareAnswer: createPrepareAnswer(),
      generatedCode: kept.generatedCode,
      logger,
      planTimeoutMs: maxPlanMs,
    }),
    { authorization, services: undefined },
    false,
  );
  const underWay = new Set<Promise<unknown>>();

  return {
    supergraph,
    engine,
    ready: () => planner.ready(),
    async use(work) {
      const used = work();
      underWay.add(used);
      return used.finally(() => underWay.delete(used));
    },
    async close() {
      await Promise.allSettled(underWay);
      await Promise.all([planner.close(), subgraphClient.close()]);
    },
  };
}

function createClient(
  { subgraphs }: Supergraph,
  { buildService, deduplicatesInFlight }: TesseraGatewayOptions,
  dataSources: DataSources,
  timeoutMs: number,
): SubgraphClient {
  if (buildService === undefined) {
    const client = createResilientClient({
      urls: new Map([...subgraphs.values()].map(({ name, url }) => [name, [url]])),
      timeoutMs,
      deduplicatesInFlight,
      describesExchanges: true,
    });
    return restrictCachePolicy(client);
  }
  // As in ApolloGateway all of them are made when the supergraph is loaded.
  const sources = new Map([...subgraphs.values()].map((endpoint) => [endpoint.name, dataSources.get(endpoint)]));
  return createDataSourceClient((name) => {
    const found = sources.get(name);
    if (found === undefined) throw new TypeError(`Subgraph "${name}" is not known`);
    return found;
  }, timeoutMs);
}
