/**
 * In `connection_init` of graphql-transport-ws, and in its acknowledgement: how the connection's streams say whose they are.
 * A gateway offers {@link perMessagePrincipals}; a subgraph that echoes it verifies the proof of each stream.
 */
export const principalsParameter = 'x-tessera-principals';

/** Each `subscribe` has a proof of its own in `extensions.tessera`: what a request has in its headers. */
export const perMessagePrincipals = 'per-message';

/** What a stream asks for. */
export interface SubscriptionRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** The text that is signed in place of a body: the same at both ends, whatever else the message carries. */
export function signedSubscription({ query, operationName, variables }: SubscriptionRequest): string {
  return JSON.stringify([query, operationName ?? null, variables ?? {}]);
}
