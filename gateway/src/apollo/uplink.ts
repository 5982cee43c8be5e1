import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { RegisteredSupergraph } from './polled-supergraph.js';

export interface UplinkOptions {
  readonly endpoints: readonly string[];
  readonly graphRef: string;
  readonly apiKey: string;
  /** How often it asks again where an endpoint fails: another one where there are several. Default: each three times. */
  readonly maxRetries?: number | undefined;
  /** Default: the global one. */
  readonly fetcher?: typeof fetch | undefined;
}

const requestTimeoutMs = 30_000;
const firstRetryMs = 1_000;
const maxRetryMs = 60_000;

/** What `ApolloGateway` asks Apollo's registry. */
const query = `query SupergraphSdl($apiKey: String!, $ref: String!, $ifAfterId: ID) {
  routerConfig(ref: $ref, apiKey: $apiKey, ifAfterId: $ifAfterId) {
    __typename
    ... on RouterConfigResult { id supergraphSdl: supergraphSDL minDelaySeconds }
    ... on FetchError { code message }
  }
}`;

const answerSchema = z.object({
  errors: z.array(z.object({ message: z.string() })).optional(),
  data: z
    .object({
      routerConfig: z.discriminatedUnion('__typename', [
        z.object({
          __typename: z.literal('RouterConfigResult'),
          id: z.string(),
          supergraphSdl: z.string(),
          minDelaySeconds: z.number().nullish(),
        }),
        z.object({ __typename: z.literal('Unchanged') }),
        z.object({ __typename: z.literal('FetchError'), code: z.string(), message: z.string() }),
      ]),
    })
    .nullish(),
});

/**
 * Creates a reader of Apollo's schema registry (managed federation).
 *
 * @returns as `PolledSupergraphOptions.read`; throws what the last endpoint said
 */
export function createUplink(options: UplinkOptions) {
  const { endpoints, maxRetries = endpoints.length * 3 - 1 } = options;
  let turn = 0;

  return async (known: string | undefined, signal: AbortSignal): Promise<RegisteredSupergraph | undefined> => {
    for (let retries = 0; ; retries += 1) {
      const endpoint = endpoints[turn % endpoints.length] ?? '';
      turn += 1;
      try {
        return await ask(endpoint, known, signal, options);
      } catch (error) {
        if (signal.aborted || retries >= maxRetries) throw error;
      }
      // The next endpoint may be well, so only having asked all of them is a reason to wait.
      const rounds = Math.floor((retries + 1) / endpoints.length);
      if ((retries + 1) % endpoints.length === 0) await wait(retryDelayMs(rounds), undefined, { signal });
    }
  };
}

function retryDelayMs(rounds: number): number {
  return Math.min(firstRetryMs * 2 ** (rounds - 1), maxRetryMs) * (0.5 + Math.random() / 2);
}

async function ask(
  endpoint: string,
  known: string | undefined,
  signal: AbortSignal,
  { graphRef, apiKey, fetcher = fetch }: UplinkOptions,
): Promise<RegisteredSupergraph | undefined> {
  const response = await fetcher(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'apollographql-client-name': '@tessera/gateway',
      'apollographql-client-version': '0.1.0',
    },
    body: JSON.stringify({ query, variables: { apiKey, ref: graphRef, ifAfterId: known ?? null } }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]),
  });
  // A refusal may come with its reasons.
  if (!response.ok && response.status !== 400) throw new Error(`Uplink answered with status ${response.status}`);
  const { data, errors = [] } = answerSchema.parse(await response.json());
  if (errors.length > 0) throw new Error(`Uplink: ${errors.map(({ message }) => message).join('; ')}`);
  const found = data?.routerConfig;
  if (found === undefined) throw new Error('Uplink gave no answer');
  if (found.__typename === 'FetchError') throw new Error(`Uplink: ${found.code}: ${found.message}`);
  if (found.__typename === 'Unchanged') return undefined;
  const { id, supergraphSdl, minDelaySeconds } = found;
  return { id, supergraphSdl, minDelaySeconds: minDelaySeconds ?? undefined };
}
