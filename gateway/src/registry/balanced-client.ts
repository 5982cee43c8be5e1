import { AppError } from '@tessera/service/errors';
import type { SubgraphClient, SubgraphOperation } from '../execution/subgraph-client.js';
import type { SubgraphEndpoint } from '../planning/supergraph.js';
import type { SubgraphUrls } from '../config.js';

export interface BalancedClientOptions {
  readonly urls: SubgraphUrls;
  /** Makes the client of one instance of each subgraph. */
  readonly createClient: (subgraphs: ReadonlyMap<string, SubgraphEndpoint>) => SubgraphClient;
  /** How long an instance that did not answer is passed over while others are there. Default 1,000. */
  readonly restMs?: number;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

/** One instance of every subgraph. */
interface Rank {
  readonly client: SubgraphClient;
  /** Subgraph -> until when it is passed over. */
  readonly restingUntilMs: Map<string, number>;
}

/**
 * Creates a client over several instances of each subgraph: in turn, those that did not answer just now last. What
 * certainly did nothing is sent again to the next instance; a mutation that may have begun is not.
 */
export function createBalancedClient(options: BalancedClientOptions): SubgraphClient {
  const { urls, createClient, restMs = 1_000, now = Date.now } = options;
  const ranks = Array.from(
    { length: Math.max(1, ...[...urls.values()].map(({ length }) => length)) },
    (_, index): Rank => {
      const ofRank = [...urls].map(([name, instances]) => {
        return [name, { name, url: instances[index % instances.length] ?? '' }] as const;
      });
      return { client: createClient(new Map(ofRank)), restingUntilMs: new Map() };
    },
  );
  const [only, ...others] = ranks;
  if (only !== undefined && others.length === 0) return only.client;

  const turns = new Map<string, number>();
  /** All ranks that stand for different instances, the one whose turn it is first, resting ones last. */
  const inTurn = (subgraph: string): readonly Rank[] => {
    const count = urls.get(subgraph)?.length ?? 1;
    const turn = turns.get(subgraph) ?? 0;
    turns.set(subgraph, (turn + 1) % count);
    const order = Array.from({ length: count }, (_, step) => ranks[(turn + step) % count]).filter(
      (rank) => rank !== undefined,
    );
    const isResting = (rank: Rank): boolean => (rank.restingUntilMs.get(subgraph) ?? 0) > now();
    return [...order.filter((rank) => !isResting(rank)), ...order.filter(isResting)];
  };

  return {
    async send(request, context) {
      let failure: unknown;
      const { operation } = request;
      for (const { client, restingUntilMs } of inTurn(operation.subgraph)) {
        try {
          return await client.send(request, context);
        } catch (error) {
          if (!isUnavailable(error)) throw error;
          restingUntilMs.set(operation.subgraph, now() + restMs);
          failure = error;
          if (context.signal.aborted || !mayRepeat(operation, error)) break;
        }
      }
      throw failure;
    },
    async close() {
      await Promise.all(ranks.map(({ client }) => client.close()));
    },
  };
}

function isUnavailable(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'SUBGRAPH_UNAVAILABLE';
}

function mayRepeat({ kind }: SubgraphOperation, { cause }: AppError): boolean {
  return kind === 'query' || (cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED');
}
