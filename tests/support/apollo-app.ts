import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';

/** A request that a client sent, and what it was answered with. */
export interface RoundTrip {
  readonly method: string;
  readonly url: string;
  /** The parsed body; undefined for a GET. */
  readonly body: { readonly query?: string } | undefined;
  readonly status: number;
}

/** A front end as people write it: Apollo Client that sends hashes of queries, by GET. */
export interface ApolloApp {
  readonly client: ApolloClient;
  /** In the order in which they were answered. */
  readonly roundTrips: readonly RoundTrip[];
}

/** Makes Apollo Client with its persisted-query link. */
export function createApolloApp(origin: string, token?: string): ApolloApp {
  const roundTrips: RoundTrip[] = [];
  const observedFetch: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const body = typeof init?.body === 'string' ? (JSON.parse(init.body) as { query?: string }) : undefined;
    roundTrips.push({ method: init?.method ?? 'GET', url: String(input), body, status: response.status });
    return response;
  };
  const link = ApolloLink.from([
    new PersistedQueryLink({
      sha256: (text) => createHash('sha256').update(text).digest('hex'),
      useGETForHashedQueries: true,
    }),
    new HttpLink({
      uri: `${origin}/graphql`,
      fetch: observedFetch,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    }),
  ]);
  const client = new ApolloClient({
    link,
    cache: new InMemoryCache(),
    defaultOptions: { query: { fetchPolicy: 'no-cache' }, mutate: { fetchPolicy: 'no-cache' } },
  });
  return { client, roundTrips };
}
