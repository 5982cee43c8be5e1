import type { Logger } from '@tessera/service/logging';
import { getVariableValues } from 'graphql';
import type { PreparedOperation } from '../execution/prepared-operation.js';
import type { ApolloContext } from './apollo-context.js';
import { buildPlanTrace } from './plan-trace.js';

const rootTypeNames = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const;

/** Leaves the trace of an operation where Apollo Server's usage reporting looks for it, if one is captured. */
export async function noteTrace(
  prepared: PreparedOperation,
  { apollo, fetches, requestId }: ApolloContext,
  logger: Logger,
): Promise<void> {
  if (fetches === undefined) return;
  const { schema, operation, request } = apollo;
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], request.variables ?? {});
  if (coerced === undefined) return;
  const { plan } = await prepared.variantFor(coerced, requestId);
  const rootTypeName = rootTypeNames[prepared.kind];
  apollo.metrics.queryPlanTrace = buildPlanTrace(plan, { fetches, variables: coerced, rootTypeName, logger });
}
