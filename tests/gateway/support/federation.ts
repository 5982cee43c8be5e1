import { createEngine, type Engine } from '@tessera/gateway/execution/engine';
import type { EngineOptions } from '@tessera/gateway/execution/engine-options';
import type { RequestContext } from '@tessera/gateway/context';
import { createPlanner, type PlannerChoice } from '@tessera/gateway/planning/create-planner';
import { loadSupergraph, type Supergraph } from '@tessera/gateway/planning/supergraph';
import { createResilientClient, type ResilientClientOptions } from '@tessera/gateway/registry/resilient-client';
import { GeneratedCode } from '@tessera/gateway/execution/generated-code';
import { createPrepareAnswer } from '@tessera/gateway/response/prepare-answer';
import { anonymousPrincipal, encodePrincipal } from '@tessera/service/identity';
import { parse, validate, type FormattedExecutionResult } from 'graphql';
import { composeSubgraphs } from '../../support/compose-subgraphs.js';
import { quietLogger } from '../../support/leftovers.js';
import { startFakeSubgraph, type FakeSubgraph, type Resolvers } from '../../support/fake-subgraph.js';

export interface SubgraphDefinition {
  readonly typeDefs: string;
  readonly resolvers: Resolvers;
}

export interface FederationOptions {
  readonly client?: Partial<ResilientClientOptions>;
  readonly engine?: Partial<EngineOptions>;
  /** Default: what a gateway does without being told. */
  readonly planner?: PlannerChoice;
}

/**
 * For tests that must hold whoever plans: `describe.each(planners)`. Apollo's planner takes most of their time and is what
 * hardly anybody chooses: it is left to the run of all tests.
 */
export const planners: readonly PlannerChoice[] =
  process.env['TESSERA_QUICK_TESTS'] === undefined ? ['native', 'apollo', 'tessera'] : ['native', 'tessera'];

/** Subgraphs on real HTTP servers, composed, with an engine before them. */
export interface Federation {
  readonly supergraph: Supergraph;
  readonly engine: Engine;
  subgraph(name: string): FakeSubgraph;
  /** Parses, validates, prepares and executes, as the gateway's other rooms would. */
  run(
    source: string,
    variables?: Record<string, unknown>,
    context?: Partial<RequestContext>,
  ): Promise<FormattedExecutionResult>;
  close(): Promise<void>;
}

/** What the SDL of every Federation 2 subgraph begins with. */
export const federationLink = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: [
  "@key", "@requires", "@provides", "@external", "@shareable", "@inaccessible", "@override", "@interfaceObject", "@tag",
  "@context", "@fromContext"
])`;

/** Composes subgraphs; the SDL of each gets Federation 2's `@link`. @throws Error with the faults of composition */
export function compose(subgraphs: Readonly<Record<string, { typeDefs: string; url: string }>>): string {
  return composeSubgraphs(
    Object.entries(subgraphs).map(([name, { typeDefs, url }]) => ({
      name,
      url,
      typeDefs: `${federationLink}\n${typeDefs}`,
    })),
  );
}

/** What a client's request carries, as tests need it. */
export function aRequestContext(context: Partial<RequestContext> = {}): RequestContext {
  return {
    requestId: 'request-1',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    beginsTrace: false,
    principal: anonymousPrincipal,
    encodedPrincipal: encodePrincipal(anonymousPrincipal),
    clientName: 'test',
    clientVersion: '1',
    signal: new AbortController().signal,
    ...context,
  };
}

/** Starts the subgraphs and an engine over them. */
export async function startFederation(
  definitions: Readonly<Record<string, SubgraphDefinition>>,
  options: FederationOptions = {},
): Promise<Federation> {
  const running = new Map<string, FakeSubgraph>();
  const urls: Record<string, { typeDefs: string; url: string }> = {};
  for (const [name, { typeDefs, resolvers }] of Object.entries(definitions)) {
    const subgraph = await startFakeSubgraph(`${federationLink}\n${typeDefs}`, resolvers);
    running.set(name, subgraph);
    urls[name] = { typeDefs, url: subgraph.url };
  }
  const supergraph = loadSupergraph(compose(urls));
  const planner = createPlanner(supergraph, {
    choice: options.planner ?? 'auto',
    // Tests run beside each other on machines that are busy with them.
    maxPlanMs: 20_000,
    onFallback: () => undefined,
  });
  const subgraphClient = createResilientClient({
    urls: new Map([...supergraph.subgraphs.values()].map(({ name, url }) => [name, [url]])),
    timeoutMs: 10_000,
    ...options.client,
  });
  const engine = createEngine({
    supergraph,
    planner,
    subgraphClient,
    prepareAnswer: createPrepareAnswer(),
    logger: quietLogger(),
    planTimeoutMs: 20_000,
    // Random operations compare both forms; here it is the one that busy operations have.
    generatedCode: new GeneratedCode(0),
    ...options.engine,
  });

  return {
    supergraph,
    engine,
    subgraph(name) {
      const found = running.get(name);
      if (found === undefined) throw new Error(`No subgraph is called ${name}`);
      return found;
    },
    async run(source, variables, context) {
      const document = parse(source);
      const faults = validate(supergraph.publicSchema, document);
      if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join('\n'));
      const prepared = await engine.prepare(document, source);
      return engine.execute(prepared, variables, aRequestContext(context));
    },
    async close() {
      await planner.close();
      for (const subgraph of running.values()) await subgraph.close();
      await subgraphClient.close();
    },
  };
}
