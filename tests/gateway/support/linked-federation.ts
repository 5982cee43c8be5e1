import { createEngine } from '@tessera/gateway/execution/engine';
import { createPlanner, type PlannerChoice } from '@tessera/gateway/planning/create-planner';
import { loadSupergraph } from '@tessera/gateway/planning/supergraph';
import { createResilientClient } from '@tessera/gateway/registry/resilient-client';
import { createPrepareAnswer } from '@tessera/gateway/response/prepare-answer';
import { parse, validate, type FormattedExecutionResult } from 'graphql';
import { composeSubgraphs } from '../../support/compose-subgraphs.js';
import { startFakeSubgraph, type FakeSubgraph, type Resolvers } from '../../support/fake-subgraph.js';
import { quietLogger } from '../../support/leftovers.js';
import { aRequestContext } from './federation.js';

export interface LinkedSubgraph {
  /** The whole SDL, with the `@link` that it needs; without one it is of Federation 1. */
  readonly sdl: string;
  /** What the server executes where it differs from the SDL, such as directives that a server does not know. */
  readonly executableSdl?: string;
  readonly resolvers: Resolvers;
}

export interface LinkedFederation {
  readonly supergraphSdl: string;
  subgraph(name: string): FakeSubgraph;
  run(source: string, variables?: Record<string, unknown>): Promise<FormattedExecutionResult>;
  close(): Promise<void>;
}

/** Starts subgraphs that say themselves which version of Federation they speak. @throws Error with composition's faults */
export async function startLinkedFederation(
  definitions: Readonly<Record<string, LinkedSubgraph>>,
  planner: PlannerChoice,
): Promise<LinkedFederation> {
  const running = new Map<string, FakeSubgraph>();
  for (const [name, { sdl, executableSdl, resolvers }] of Object.entries(definitions)) {
    running.set(name, await startFakeSubgraph(executableSdl ?? sdl, resolvers));
  }
  const supergraphSdl = composeSubgraphs(
    Object.entries(definitions).map(([name, { sdl }]) => ({
      name,
      url: running.get(name)?.url ?? '',
      typeDefs: sdl,
    })),
  );
  const supergraph = loadSupergraph(supergraphSdl);
  const hostedPlanner = createPlanner(supergraph, { choice: planner, maxPlanMs: 20_000, onFallback: () => undefined });
  const subgraphClient = createResilientClient({
    urls: new Map([...running].map(([name, { url }]) => [name, [url]])),
    timeoutMs: 10_000,
  });
  const logger = quietLogger();
  const engine = createEngine({
    supergraph,
    planner: hostedPlanner,
    subgraphClient,
    prepareAnswer: createPrepareAnswer(),
    logger,
    planTimeoutMs: 20_000,
  });

  return {
    supergraphSdl,
    subgraph(name) {
      const found = running.get(name);
      if (found === undefined) throw new Error(`No subgraph is called ${name}`);
      return found;
    },
    async run(source, variables) {
      const document = parse(source);
      const faults = validate(supergraph.publicSchema, document);
      if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join('\n'));
      return engine.execute(await engine.prepare(document, source), variables, aRequestContext());
    },
    async close() {
      await hostedPlanner.close();
      await subgraphClient.close();
      for (const subgraph of running.values()) await subgraph.close();
    },
  };
}
