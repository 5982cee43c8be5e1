import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** What the registry answers. */
export type UplinkAnswer =
  | {
      readonly __typename: 'RouterConfigResult';
      readonly id: string;
      readonly supergraphSdl: string;
      readonly minDelaySeconds: number;
    }
  | { readonly __typename: 'FetchError'; readonly code: string; readonly message: string }
  /** No GraphQL at all. */
  | { readonly __typename: 'broken' };

export interface UplinkRequest {
  readonly ref: string;
  readonly apiKey: string;
  readonly ifAfterId: string | null;
}

/** Apollo's registry of supergraphs, as gateways see it, on a real server. */
export interface FakeUplink {
  readonly url: string;
  readonly requests: readonly UplinkRequest[];
  answer(answer: UplinkAnswer): void;
  close(): Promise<void>;
}

/** Starts it; it is broken until it is told what to answer. */
export async function startFakeUplink(): Promise<FakeUplink> {
  const requests: UplinkRequest[] = [];
  let current: UplinkAnswer = { __typename: 'broken' };
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      const { variables } = body as { readonly variables: UplinkRequest };
      requests.push(variables);
      if (current.__typename === 'broken') return response.writeHead(503).end('Later');
      const isKnown = 'id' in current && current.id === variables.ifAfterId;
      const routerConfig = isKnown ? { __typename: 'Unchanged' } : current;
      return response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ data: { routerConfig } }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    answer(answer) {
      current = answer;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
