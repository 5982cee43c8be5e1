import { AppError, toAppError } from '@tessera/service/errors';
import type { LiveSource } from '@tessera/service/live-events';
import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import type { RequestContext } from '../../context.js';
import type { SubscriptionFetch, Variant } from '../../execution/prepared-operation.js';
import { isTreeObject } from '../../execution/result-tree.js';
import type { SubgraphErrorBody } from '../../execution/subgraph-answer.js';
import type { SubgraphClient } from '../../execution/subgraph-client.js';
import type { Supergraph } from '../../planning/supergraph.js';
import { buildEntityRequest, representationsVariable, type EntityRequest } from './entity-request.js';
import type { EventBinding, EventBindings } from './event-bindings.js';
import { payloadOf } from './live-upstream.js';
import { projectPayload } from './project-payload.js';
import { argumentValues, readRootField, type RootField } from './root-field.js';

/** A subscription whose events come from a channel or a stream. */
export interface BoundSubscription {
  readonly source: LiveSource;
  /** Makes of what came there what the field's subgraph would have sent. Never rejects. */
  receive(event: FormattedExecutionResult, context: RequestContext): Promise<FormattedExecutionResult>;
}

/** Knows which subscriptions are bound by `@events`. */
export interface EventSources {
  /**
   * @returns undefined where the field's subgraph sends the events itself
   * @throws AppError for who may not listen there; see {@link ChannelTemplate}
   */
  bind(fetch: SubscriptionFetch, context: RequestContext): BoundSubscription | undefined;
}

/** What sources are made from: a supergraph, what it binds, and who asks subgraphs. */
export interface EventSourcesOptions {
  readonly supergraph: Supergraph;
  readonly bindings: EventBindings;
  readonly subgraphClient: SubgraphClient;
}

/** What is the same for everybody with one operation. */
interface Prepared {
  readonly root: RootField;
  readonly request: EntityRequest | undefined;
}

/** Creates the sources of one supergraph. */
export function createEventSources({ supergraph, bindings, subgraphClient }: EventSourcesOptions): EventSources {
  const known = new WeakMap<Variant, Prepared>();

  const prepare = ({ query, subgraph, variant }: SubscriptionFetch): Prepared => {
    const found = known.get(variant);
    if (found !== undefined) return found;
    const root = readRootField(query);
    const binding = bindings.get(root.field.name.value);
    const isEntity = binding?.payload === 'entity';
    const prepared = { root, request: isEntity ? buildEntityRequest(subgraph, binding.typeName, root) : undefined };
    known.set(variant, prepared);
    return prepared;
  };

  const ask = async (
    payload: unknown,
    { typeName }: EventBinding,
    root: RootField,
    request: EntityRequest,
    variables: SubscriptionFetch['variables'],
    context: RequestContext,
  ): Promise<FormattedExecutionResult> => {
    const isList = Array.isArray(payload);
    const representations = (isList ? payload : [payload]).map((item: unknown) =>
      isTreeObject(item) ? { __typename: typeName, ...item } : item,
    );
    const used = request.variables.map((name) => [name, variables[name]] as const);
    const values = { ...Object.fromEntries(used), [representationsVariable]: representations };
    const answer = await subgraphClient.send(
      { operation: request.operation, variables: JSON.stringify(values) },
      context,
    );
    const entities = answer.data?.['_entities'];
    const list: readonly unknown[] = Array.isArray(entities) ? (entities as readonly unknown[]) : [];
    const errors = answer.errors.map((error) => located(error, root.key, isList));
    return { data: { [root.key]: isList ? list : (list[0] ?? null) }, ...(errors.length > 0 && { errors }) };
  };

  return {
    bind(fetch, context) {
      if (bindings.size === 0) return undefined;
      const prepared = prepare(fetch);
      const { root, request } = prepared;
      const binding = bindings.get(root.field.name.value);
      if (binding === undefined) return undefined;
      const name = binding.template.fill(context.principal, argumentValues(root, fetch.variables));
      return {
        source: { kind: binding.kind, name },
        async receive(event, during) {
          try {
            const payload = payloadOf(event);
            if (request !== undefined && payload !== null) {
              return await ask(payload, binding, root, request, fetch.variables, during);
            }
            return { data: { [root.key]: projectPayload(payload, binding.typeName, root, supergraph) } };
          } catch (error) {
            return { data: null, errors: [describe(error)] };
          }
        },
      };
    },
  };
}

function describe(error: unknown): { readonly message: string; readonly extensions: { readonly code: string } } {
  const { code, message } =
    error instanceof AppError
      ? error
      : toAppError(new AppError('SUBGRAPH_UNAVAILABLE', 'An event cannot be read', { cause: error }));
  return { message, extensions: { code } };
}

/** Puts an error of `_entities` where it is in the event. */
function located(
  { message, path, extensions }: SubgraphErrorBody,
  key: string,
  isList: boolean,
): GraphQLFormattedError {
  const below = path?.[0] === '_entities' ? path.slice(isList ? 1 : 2) : [];
  return { message, path: [key, ...below], ...(extensions !== undefined && { extensions }) };
}
