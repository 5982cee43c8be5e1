import { isDeepStrictEqual } from 'node:util';
import { createEngine } from '@tessera/gateway/execution/engine';
import { createResilientClient } from '@tessera/gateway/registry/resilient-client';
import { loadSupergraph } from '@tessera/gateway/planning/supergraph';
import type { HostedPlanner } from '@tessera/gateway/planning/planner';
import type { Supergraph } from '@tessera/gateway/planning/supergraph';
import { GeneratedCode } from '@tessera/gateway/execution/generated-code';
import { createPrepareAnswer } from '@tessera/gateway/response/prepare-answer';
import type { DocumentNode, FormattedExecutionResult } from 'graphql';
import { quietLogger } from '../../../support/leftovers.js';
import { aRequestContext } from '../../support/federation.js';
import { composeWorld, type BuiltWorld } from './built-world.js';
import { createSubgraph } from './subgraph-execution.js';
import type { SubgraphServer } from './subgraph-server.js';
import { createWorldData, type DataModel, type WorldData } from './world-data.js';

/** A random supergraph behind an engine, its subgraphs on HTTP. */
export interface FederatedWorld {
  readonly supergraph: Supergraph;
  /** Chooses the data that all subgraphs have from now on. */
  use(data: DataModel): WorldData;
  run(source: string, document: DocumentNode, variables: Record<string, unknown>): Promise<FormattedExecutionResult>;
  close(): Promise<void>;
}

/** Shared by all supergraphs, as by those that one gateway has one after the other: operations of some have the same text. */
const generatedCode = new GeneratedCode(1);

/** @throws Error where the subgraphs do not compose */
export function federateWorld(
  built: BuiltWorld,
  server: SubgraphServer,
  openPlanner: (supergraph: Supergraph) => HostedPlanner,
): FederatedWorld {
  let current: WorldData | undefined;
  const dataOf = (): WorldData => {
    if (current === undefined) throw new Error('No data was chosen');
    return current;
  };
  const urls = new Map(
    built.subgraphs.map((declared) => [
      declared.subgraph,
      server.serve(createSubgraph(built.world, declared, built.index, dataOf)),
    ]),
  );
  const supergraph = loadSupergraph(composeWorld(built, (subgraph) => urls.get(subgraph) ?? ''));
  const planner = openPlanner(supergraph);
  const subgraphClient = createResilientClient({
    urls: new Map([...urls].map(([name, url]) => [name, [url]])),
    timeoutMs: 20_000,
  });
  const engine = createEngine({
    supergraph,
    planner,
    subgraphClient,
    prepareAnswer: createPrepareAnswer(),
    logger: quietLogger(),
    generatedCode,
    // How long a plan may take is the planner's matter; a machine that is busy with something else has time.
    planTimeoutMs: 120_000,
  });

  return {
    supergraph,
    use(data) {
      current = createWorldData(built.index, built.fullSchema, data);
      return current;
    },
    async run(source, document, variables) {
      const prepared = await engine.prepare(document, source);
      const answer = await engine.execute(prepared, variables, aRequestContext());
      if (prepared.kind !== 'query') return answer;
      // Neither code of its own nor who answers first makes a difference.
      server.answerInReverse(true);
      const again = await engine
        .execute(prepared, variables, aRequestContext())
        .finally(() => server.answerInReverse(false));
      if (!isDeepStrictEqual(again, answer)) throw new Error(differenceOf(answer, again));
      return again;
    },
    async close() {
      await planner.close();
      await subgraphClient.close();
    },
  };
}

function differenceOf(answer: FormattedExecutionResult, again: FormattedExecutionResult): string {
  return `The operation is answered differently when it is run again: ${JSON.stringify([answer.errors, again.errors])}`;
}
