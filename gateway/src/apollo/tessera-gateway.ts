import type {
  GatewayApolloConfig,
  GatewayExecutionResult,
  GatewayGraphQLRequestContext,
  GatewayInterface,
  GatewayLoadResult,
  GatewaySchemaLoadOrUpdateCallback,
  GatewayUnsubscriber,
} from '@apollo/server-gateway-interface';
import { anonymousPrincipal } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import { getVariableValues, type GraphQLSchema } from 'graphql';
import { GeneratedCode } from '../execution/generated-code.js';
import { createKeptPlanning } from '../planning/kept/kept-planning.js';
import { loadSupergraph } from '../planning/supergraph.js';
import { runWithDeadline } from '../transport/deadline.js';
import { assertBrought, assertOptions } from './assert-options.js';
import { assertRunnable } from './assert-runnable.js';
import { createApolloContext } from './apollo-context.js';
import { toEngineLogger } from './apollo-logger.js';
import { toGatewayResult } from './carried-errors.js';
import { createDataSources, type DataSources, type SubgraphHealth } from './data-sources.js';
import type { SupergraphHook, SupergraphInfo, TesseraGatewayOptions } from './gateway-options.js';
import { noteTrace } from './note-trace.js';
import { findOrigin } from './supergraph-origin.js';
import { createSupergraphEngine, type SupergraphEngine } from './supergraph-engine.js';
import { toRefusal } from './to-refusal.js';

type Phase = 'initialized' | 'loading' | 'loaded' | 'failed to load' | 'stopped';

const neverAborted = new AbortController().signal;

/**
 * Stands in `ApolloGateway`'s place: `new ApolloServer({ gateway: new TesseraGateway({ supergraphSdl }) })`. Plugins, context
 * and data sources stay what they are; planning, execution and answering are this engine's.
 */
export class TesseraGateway implements GatewayInterface {
  readonly #options: TesseraGatewayOptions;
  readonly #logger: Logger;
  readonly #dataSources: DataSources;
  readonly #listeners = new Set<GatewaySchemaLoadOrUpdateCallback>();
  readonly #kept = { planning: createKeptPlanning(), generatedCode: new GeneratedCode() };
  readonly #closing = new Set<Promise<void>>();
  #phase: Phase = 'initialized';
  #current: SupergraphEngine | undefined;
  #cleanup: (() => unknown) | undefined;
  #stopped: Promise<void> | undefined;

  /** @throws Error that names options which are none */
  constructor(options: TesseraGatewayOptions) {
    assertOptions(options);
    this.#options = options;
    this.#logger = toEngineLogger(options.logger);
    this.#dataSources = createDataSources(options.buildService, options.subgraphTimeoutMs ?? 10_000);
  }

  /** What consumers see of the supergraph of now, once there is one. */
  get schema(): GraphQLSchema | undefined {
    return this.#current?.supergraph.publicSchema;
  }

  /**
   * Loads the first supergraph; Apollo Server calls it when it starts.
   *
   * @throws Error where the supergraph does not load, or a subgraph is not healthy and that is asked for
   */
  async load({ apollo }: { readonly apollo?: GatewayApolloConfig } = {}): Promise<GatewayLoadResult> {
    if (this.#phase !== 'initialized') throw new Error(`TesseraGateway.load was called when it was ${this.#phase}`);
    this.#phase = 'loading';
    try {
      const brought = await this.#initialize(apollo);
      assertBrought(brought);
      const { supergraphSdl, cleanup } = brought;
      this.#cleanup = cleanup;
      this.#update(supergraphSdl);
      await this.#current?.ready();
      if (this.#options.serviceHealthCheck === true) await this.serviceHealthCheck();
      this.#phase = 'loaded';
    } catch (error) {
      await this.#close();
      this.#phase = 'failed to load';
      throw error;
    }
    return { executor: (requestContext) => this.executor(requestContext) };
  }

  /** Tells about the supergraph that is loaded, and about each that comes. @returns ends that */
  onSchemaLoadOrUpdate(callback: GatewaySchemaLoadOrUpdateCallback): GatewayUnsubscriber {
    this.#listeners.add(callback);
    return () => void this.#listeners.delete(callback);
  }

  /** Asks every subgraph for `__typename`. @throws Error naming one that does not answer */
  async serviceHealthCheck(): Promise<SubgraphHealth[]> {
    return this.#dataSources.checkHealth(this.#current?.supergraph.subgraphs.values() ?? []);
  }

  /** Runs one operation for Apollo Server. */
  async executor(requestContext: GatewayGraphQLRequestContext): Promise<GatewayExecutionResult> {
    const current = this.#current;
    if (current === undefined) throw new Error('TesseraGateway has not been loaded');
    return current.use(() => this.#execute(current, requestContext));
  }

  /** Ends operations under way first; whoever calls it again waits as well. */
  stop(): Promise<void> {
    this.#phase = 'stopped';
    this.#stopped ??= this.#close();
    return this.#stopped;
  }

  async #execute({ engine }: SupergraphEngine, apollo: GatewayGraphQLRequestContext): Promise<GatewayExecutionResult> {
    const {
      principal,
      requestTimeoutMs = 30_000,
      experimental_didResolveQueryPlan: didResolveQueryPlan,
    } = this.#options;
    const { document, source, operation, request } = apollo;
    const caller = principal?.(apollo) ?? anonymousPrincipal;
    return runWithDeadline(neverAborted, requestTimeoutMs, async (signal) => {
      const context = createApolloContext(apollo, caller, signal);
      try {
        assertRunnable(apollo);
        const prepared = await engine.prepareFor({ document, source, operation }, context);
        didResolveQueryPlan?.({
          queryPlan: { kind: 'QueryPlan', node: prepared.first.plan ?? null },
          requestContext: apollo,
        });
        const answer = await engine.execute(prepared, request.variables, context);
        await noteTrace(prepared, context, this.#logger);
        if (answer.data === undefined) return this.#refuseVariables(apollo) ?? toGatewayResult(answer);
        return toGatewayResult(answer);
      } catch (error) {
        return toRefusal(error, this.#logger);
      }
    });
  }

  /** As ApolloGateway says it, with the places in the document. */
  #refuseVariables({ schema, operation, request }: GatewayGraphQLRequestContext): GatewayExecutionResult | undefined {
    const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], request.variables ?? {});
    return errors === undefined ? undefined : { errors };
  }

  #initialize(apollo: GatewayApolloConfig | undefined): ReturnType<SupergraphHook> {
    return findOrigin(
      this.#options,
      apollo,
      this.#logger,
    )({
      update: (sdl: string) => this.#update(sdl),
      healthCheck: async (sdl: string) => {
        await this.#dataSources.checkHealth(loadSupergraph(sdl).subgraphs.values());
      },
      getDataSource: this.#dataSources.get,
    });
  }

  #update(supergraphSdl: string): void {
    if (this.#phase === 'stopped' || this.#phase === 'failed to load') {
      throw new Error(`A supergraph cannot be taken over: the gateway is ${this.#phase}`);
    }
    const before = this.#current;
    if (before?.supergraph.sdl === supergraphSdl) return;
    const next = createSupergraphEngine(supergraphSdl, this.#options, this.#dataSources, this.#logger, this.#kept);
    this.#current = next;
    for (const listener of this.#listeners) this.#tell(listener, next);
    this.#options.experimental_didUpdateSupergraph?.(infoOf(next), before === undefined ? undefined : infoOf(before));
    if (before !== undefined) this.#retire(before);
  }

  #tell(listener: GatewaySchemaLoadOrUpdateCallback, { supergraph }: SupergraphEngine): void {
    try {
      listener({ apiSchema: supergraph.publicSchema, coreSupergraphSdl: supergraph.sdl });
    } catch (error) {
      this.#logger.error({ err: error }, 'a listener failed to take the new schema');
    }
  }

  #retire(engine: SupergraphEngine): void {
    const closed = engine
      .close()
      .catch((error: unknown) => this.#logger.error({ err: error }, 'closing a supergraph failed'))
      .finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }

  async #close(): Promise<void> {
    const cleanup = this.#cleanup;
    this.#cleanup = undefined;
    try {
      // Whatever it returns: not every manager is written in TypeScript.
      await cleanup?.();
    } catch (error) {
      this.#logger.error({ err: error }, 'cleaning up failed');
    }
    if (this.#current !== undefined) this.#retire(this.#current);
    this.#current = undefined;
    await Promise.all(this.#closing);
  }
}

function infoOf({ supergraph }: SupergraphEngine): SupergraphInfo {
  return { schema: supergraph.publicSchema, compositionId: supergraph.id, supergraphSdl: supergraph.sdl };
}
