import type { GatewayExecutionResult } from '@apollo/server-gateway-interface';
import { GraphQLError, type FormattedExecutionResult, type GraphQLFormattedError } from 'graphql';

/** A subgraph's error as Apollo's users know it. */
export interface CarriedError {
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>>;
  /** Whether the whole request failed: that is told once, without a path, wherever its fields stand. */
  readonly isOfRequest: boolean;
}

const carriedKey = 'apolloError';

/**
 * Puts an error where the answer room leaves it alone: that room shows clients only errors of its own table, but behind
 * Apollo Server it is `formatError` that decides what clients see.
 */
export function carryError(error: CarriedError): {
  readonly code: 'SUBGRAPH_UNAVAILABLE';
  readonly details: Readonly<Record<string, unknown>>;
} {
  return { code: 'SUBGRAPH_UNAVAILABLE', details: { [carriedKey]: error } };
}

/** Makes of an answer what `ApolloGateway` gives: subgraphs' errors as they came, and null where null must not be apart. */
export function toGatewayResult({ data, errors }: FormattedExecutionResult): GatewayExecutionResult {
  const told: GraphQLError[] = [];
  const valueCompletion: GraphQLFormattedError[] = [];
  const requests = new Set<CarriedError>();
  for (const error of errors ?? []) {
    const carried = readCarried(error);
    if (carried === undefined) {
      if (error.extensions?.['code'] === 'INTERNAL_SERVER_ERROR' && error.path !== undefined) {
        valueCompletion.push({ message: error.message, path: error.path, extensions: { code: 'INVALID_GRAPHQL' } });
      } else {
        // Request ids are for this engine's own log.
        const { requestId, ...extensions } = error.extensions ?? {};
        told.push(toGraphQLError(error.message, error.path, requestId === undefined ? error.extensions : extensions));
      }
    } else if (!carried.isOfRequest) {
      told.push(toGraphQLError(carried.message, error.path, carried.extensions));
    } else if (!requests.has(carried)) {
      requests.add(carried);
      told.push(toGraphQLError(carried.message, undefined, carried.extensions));
    }
  }
  return {
    ...(told.length === 0 ? {} : { errors: told }),
    ...(data === undefined ? {} : { data }),
    ...(told.length === 0 && valueCompletion.length > 0 ? { extensions: { valueCompletion } } : {}),
  };
}

function toGraphQLError(
  message: string,
  path: GraphQLFormattedError['path'],
  extensions: Readonly<Record<string, unknown>> | undefined,
): GraphQLError {
  return new GraphQLError(message, {
    ...(path === undefined ? {} : { path }),
    extensions: { ...extensions },
  });
}

function readCarried({ extensions }: GraphQLFormattedError): CarriedError | undefined {
  const details = extensions?.['details'];
  if (typeof details !== 'object' || details === null || !(carriedKey in details)) return undefined;
  return details[carriedKey] as CarriedError;
}
