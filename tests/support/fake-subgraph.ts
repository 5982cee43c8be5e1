import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, parse, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/resolverMap.js';

export type Resolvers = GraphQLResolverMap<unknown>;

/** A request as the subgraph received it. */
export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawBody: string;
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** What the next request gets instead of the schema's answer. */
export type QueuedAnswer =
  | {
      readonly kind: 'json';
      readonly body: unknown;
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** How long it takes; default: no time. */
      readonly delayMs?: number;
    }
  | { readonly kind: 'text'; readonly body: string; readonly status?: number }
  /** Never answers; the request is kept open until the client gives up or the server closes. */
  | { readonly kind: 'hang' }
  /** Closes the connection without an answer. */
  | { readonly kind: 'reset' };

export interface FakeSubgraph {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** Queues answers: each is used once, before the schema answers again. */
  answerNext(...answers: QueuedAnswer[]): void;
  /** Answers every request so, until it is told `undefined`. */
  answerAlways(answer: QueuedAnswer | undefined): void;
  /** Resolves when the client has abandoned a request that hangs. */
  abandoned(): Promise<void>;
  forgetRequests(): void;
  close(): Promise<void>;
}

/** Starts a subgraph on a real HTTP server on a free port: a federated graphql-js schema, or queued answers alone. */
export async function startFakeSubgraph(typeDefs?: string, resolvers: Resolvers = {}): Promise<FakeSubgraph> {
  const schema = typeDefs === undefined ? undefined : buildSubgraphSchema({ typeDefs: parse(typeDefs), resolvers });
  const requests: ReceivedRequest[] = [];
  const queue: QueuedAnswer[] = [];
  const documents = new Map<string, DocumentNode>();
  let always: QueuedAnswer | undefined;
  let announceAbandoned: () => void = () => undefined;
  const abandoned = new Promise<void>((resolve) => {
    announceAbandoned = resolve;
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const rawBody = await text(request);
    const body = JSON.parse(rawBody) as { query: string; variables?: Record<string, unknown> };
    const { query, variables = {} } = body;
    requests.push({ path: request.url ?? '', headers: request.headers, rawBody, query, variables });
    const queued = queue.shift() ?? always;
    if (queued !== undefined) {
      if (queued.kind === 'hang') response.once('close', announceAbandoned);
      else {
        if ('delayMs' in queued) await wait(queued.delayMs);
        answerQueued(response, queued);
      }
      return;
    }
    if (schema === undefined) throw new Error('No answer is queued');
    const document = documents.get(query) ?? parse(query);
    documents.set(query, document);
    answerJson(response, 200, await execute({ schema: schema as GraphQLSchema, document, variableValues: variables }));
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      answerJson(response, 500, { errors: [{ message: String(error) }] });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/graphql`,
    requests,
    answerNext: (...answers) => void queue.push(...answers),
    answerAlways(answer) {
      always = answer;
    },
    abandoned: () => abandoned,
    forgetRequests: () => void requests.splice(0),
    async close() {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function answerQueued(response: ServerResponse, answer: Exclude<QueuedAnswer, { kind: 'hang' }>): void {
  if (answer.kind === 'reset') response.destroy();
  else if (answer.kind === 'json') answerJson(response, answer.status ?? 200, answer.body, answer.headers);
  else response.writeHead(answer.status ?? 200, { 'content-type': 'text/html' }).end(answer.body);
}

function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
