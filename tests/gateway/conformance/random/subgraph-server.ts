import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ExecuteSubgraph } from './subgraph-execution.js';

/** One HTTP server for the subgraphs of many supergraphs, each at a path of its own. */
export interface SubgraphServer {
  /** @returns the URL of the subgraph */
  serve(execute: ExecuteSubgraph): string;
  /** Forgets all subgraphs. */
  forget(): void;
  close(): Promise<void>;
}

export async function startSubgraphServer(): Promise<SubgraphServer> {
  const subgraphs = new Map<string, ExecuteSubgraph>();
  let served = 0;
  const server = createServer((request, response) => {
    text(request)
      .then((body) => {
        const { query, variables = {} } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
        const execute = subgraphs.get(request.url ?? '');
        return JSON.stringify(execute?.(query, variables) ?? { errors: [{ message: 'No such subgraph' }] });
      })
      .catch((error: unknown) => JSON.stringify({ errors: [{ message: String(error) }] }))
      .then((answer) => response.writeHead(200, { 'content-type': 'application/json' }).end(answer))
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
    forget: () => subgraphs.clear(),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
