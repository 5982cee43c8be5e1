import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ExecuteSubgraph } from './subgraph-execution.js';

/** One HTTP server for the subgraphs of many supergraphs, each at a path of its own. */
export interface SubgraphServer {
  /** @returns the URL of the subgraph */
  serve(execute: ExecuteSubgraph): string;
  /** Whether what is asked side by side is answered the other way round: last come, first served. */
  answerInReverse(isReversed: boolean): void;
  /** Forgets all subgraphs. */
  forget(): void;
  close(): Promise<void>;
}

/** How long requests that are sent side by side may come apart. */
const gatherMs = 1;

export async function startSubgraphServer(): Promise<SubgraphServer> {
  const subgraphs = new Map<string, ExecuteSubgraph>();
  let served = 0;
  let isReversed = false;
  const waiting: (() => void)[] = [];

  function answerLater(answer: () => void): void {
    if (!isReversed) return answer();
    waiting.unshift(answer);
    if (waiting.length === 1) setTimeout(() => waiting.splice(0).forEach((next) => next()), gatherMs);
  }

  const server = createServer((request, response) => {
    text(request)
      .then((body) => {
        const { query, variables = {} } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
        const execute = subgraphs.get(request.url ?? '');
        return JSON.stringify(execute?.(query, variables) ?? { errors: [{ message: 'No such subgraph' }] });
      })
      .catch((error: unknown) => JSON.stringify({ errors: [{ message: String(error) }] }))
      .then((answer) => answerLater(() => response.writeHead(200, { 'content-type': 'application/json' }).end(answer)))
      .catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    serve(execute) {
      const path = `/${(served += 1)}`;
      subgraphs.set(path, execute);
      return `http://127.0.0.1:${port}${path}`;
    },
    answerInReverse(reversed) {
      isReversed = reversed;
    },
    forget: () => subgraphs.clear(),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
