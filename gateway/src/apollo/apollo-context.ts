import { randomUUID } from 'node:crypto';
import type { GatewayGraphQLRequestContext } from '@apollo/server-gateway-interface';
import { encodePrincipal, type Principal } from '@tessera/service/identity';
import { beginTrace, formatTraceparent, parseTraceparent } from '@tessera/service/tracing';
import type { RequestContext } from '../context.js';
import { traceFormat, traceHeader, type FetchRecord } from './fetch-record.js';

/** A request's context that remembers Apollo Server's own, for data sources. */
export interface ApolloContext extends RequestContext {
  readonly apollo: GatewayGraphQLRequestContext;
  /** What subgraphs were asked, for a trace; undefined where none is captured. */
  readonly fetches: FetchRecord[] | undefined;
}

/** Makes the context of one operation. */
export function createApolloContext(
  apollo: GatewayGraphQLRequestContext,
  principal: Principal,
  signal: AbortSignal,
): ApolloContext {
  const { headers } = apollo.request.http ?? {};
  const isCaptured = apollo.metrics?.captureTraces === true;
  const trace = parseTraceparent(headers?.get('traceparent'));
  return {
    apollo,
    fetches: isCaptured ? [] : undefined,
    ...(isCaptured && { forwardedHeaders: { [traceHeader]: traceFormat } }),
    requestId: randomUUID(),
    traceparent: formatTraceparent(trace ?? beginTrace()),
    beginsTrace: trace === undefined,
    principal,
    encodedPrincipal: encodePrincipal(principal),
    clientName: headers?.get('apollographql-client-name') ?? 'unknown',
    clientVersion: headers?.get('apollographql-client-version') ?? 'unknown',
    signal,
  };
}

/** Whether a context was made here. */
export function isApolloContext(context: RequestContext): context is ApolloContext {
  return 'apollo' in context;
}
