import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createClient as createEventClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { eventually } from '../../support/eventually.js';
import { createLeftovers } from '../../support/leftovers.js';
import { someClaims, startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.js';
import { range, startNumberedStreams, type Change, type NumberedStreams } from '../support/numbered-streams.js';
import { resumeLink } from '../support/recipes/resume-link.js';
import { resume } from '../support/recipes/resume.js';

const query = 'subscription { changes { number } }';
const claims = someClaims();
const leftovers = createLeftovers();
let issuer: TokenIssuer;
let graph: NumberedStreams;
let published = 0;

/** What an application sees, and how many tokens it was asked for. */
interface Watched {
  readonly numbers: number[];
  readonly endings: unknown[];
  tokens: number;
  stop(): unknown;
}

type Watch = (seen: Watched, sink: Sink) => () => unknown;

interface Sink {
  next(result: { readonly data?: unknown; readonly errors?: unknown }): void;
  error(error: unknown): void;
  complete(): void;
}

/** Good for as long as a test can wait for its end. */
async function freshHeaders(seen: Watched): Promise<Record<string, string>> {
  seen.tokens += 1;
  return { authorization: `Bearer ${await issuer.issue(claims, { lifetimeSeconds: 3 })}` };
}

const watchByEventStream: Watch = (seen, sink) => {
  const client = createEventClient({
    url: graph.url,
    retryAttempts: Number.POSITIVE_INFINITY,
    headers: () => freshHeaders(seen),
  });
  return resume(client, { query }, sink);
};

const watchBySocket: Watch = (seen, sink) => {
  const client = createSocketClient({
    url: graph.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: Number.POSITIVE_INFINITY,
    connectionParams: () => freshHeaders(seen),
  });
  resume(client, { query }, sink);
  return () => client.dispose();
};

const watchByMultipart: Watch = (seen, sink) => {
  const authorized: typeof fetch = async (input, init) =>
    fetch(input, { ...init, headers: { ...(init?.headers as object), ...(await freshHeaders(seen)) } });
  const link = ApolloLink.from([
    resumeLink,
    new HttpLink({ uri: graph.url, includeExtensions: true, fetch: authorized }),
  ]);
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const subscription = client.subscribe({ query: gql(query) }).subscribe(sink);
  return () => {
    subscription.unsubscribe();
    client.stop();
  };
};

function start(watch: Watch): Watched {
  const seen: Watched = { numbers: [], endings: [], tokens: 0, stop: () => undefined };
  const sink: Sink = {
    next(result) {
      const { changes } = (result.data ?? {}) as { readonly changes?: Change };
      if (changes === undefined) seen.endings.push(result);
      else seen.numbers.push(changes.number);
    },
    error: (error) => void seen.endings.push(error),
    complete: () => void seen.endings.push('complete'),
  };
  seen.stop = watch(seen, sink);
  return seen;
}

beforeAll(async () => {
  issuer = await startTokenIssuer();
  leftovers.defer('issuer', () => issuer.close());
  graph = await startNumberedStreams({
    JWKS_URL: issuer.jwksUrl,
    PRINCIPAL_SECRET: 'a secret that gateway and subgraphs share',
  });
  leftovers.defer('graph', () => graph.close());
  const publishing = setInterval(() => graph.changes.publish({ number: (published += 1) }), 50);
  leftovers.defer('publishing', () => clearInterval(publishing));
}, 120_000);

afterAll(() => leftovers.close(), 30_000);

test.each([
  ['graphql-sse', watchByEventStream],
  ['graphql-ws', watchBySocket],
  ['Apollo Client by multipart', watchByMultipart],
] as const)(
  '%s goes on through the ends of its tokens, and misses nothing',
  async (_name, watch) => {
    const seen = start(watch);
    try {
      await eventually(() => seen.tokens >= 3 || seen.endings.length > 0, 60_000);
      const then = published;
      await eventually(() => (seen.numbers.at(-1) ?? 0) > then || seen.endings.length > 0, 60_000);

      expect(seen.endings).toEqual([]);
      expect(seen.numbers).toEqual(range(seen.numbers[0] ?? 0, seen.numbers.at(-1) ?? 0));
    } finally {
      await seen.stop();
    }
  },
  150_000,
);
