import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** One request at a raw subgraph. */
export interface RawRequest {
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
  /** Counts from 1. */
  readonly number: number;
}

/** Answers as it likes, also not at all. */
export type Behaviour = (response: ServerResponse, request: RawRequest) => void;

/** A real HTTP server that speaks GraphQL as badly as the test wants. */
export interface RawSubgraph {
  readonly url: string;
  readonly requests: readonly RawRequest[];
  behave(behaviour: Behaviour): void;
  /** Resolves when this many requests have come. */
  untilRequests(count: number): Promise<void>;
  /** Resolves when this many requests were given up by the other side. */
  untilAbandoned(count: number): Promise<void>;
  close(): Promise<void>;
}

const waiters = () => {
  let count = 0;
  const waiting = new Set<{ readonly count: number; readonly resolve: () => void }>();
  return {
    add() {
      count += 1;
      for (const waiter of waiting) if (count >= waiter.count) waiter.resolve();
    },
    until: (wanted: number) =>
      new Promise<void>((resolve) => {
        if (count >= wanted) resolve();
        else waiting.add({ count: wanted, resolve });
      }),
  };
};

/** Starts the server; without a behaviour it answers `{ data: { ok: true } }`. */
export async function startRawSubgraph(first: Behaviour = answerOk): Promise<RawSubgraph> {
  const requests: RawRequest[] = [];
  const [arrivals, departures] = [waiters(), waiters()];
  let behaviour = first;
  const server = createServer((message, response) => {
    response.once('close', () => {
      if (!response.writableFinished) departures.add();
    });
    response.on('error', () => undefined);
    void text(message).then(
      (body) => {
        const request = { body, headers: message.headers, number: requests.length + 1 };
        requests.push(request);
        arrivals.add();
        behaviour(response, request);
      },
      () => undefined,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    requests,
    behave(next) {
      behaviour = next;
    },
    untilRequests: arrivals.until,
    untilAbandoned: departures.until,
    async close() {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers well. */
export function answerOk(response: ServerResponse): void {
  answerJson(response, { data: { ok: true } });
}

export function answerJson(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** Writes as fast as it is read, and ends with the connection. */
export function pour(
  response: ServerResponse,
  megabytes: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  const chunk = Buffer.alloc(65_536, 'x');
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  let left = megabytes * 16;
  const write = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= 1;
      if (!response.write(chunk)) {
        response.once('drain', write);
        return;
      }
    }
    response.end();
  };
  write();
}
