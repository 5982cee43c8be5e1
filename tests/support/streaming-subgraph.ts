import { EventEmitter, on, once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  perMessagePrincipals,
  principalsParameter,
  signedSubscription,
  verifyPrincipal,
} from '@tessera/service/identity';
import { execute, parse, type GraphQLError } from 'graphql';
import { makeServer, type SubscribePayload } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Resolvers } from './fake-subgraph.js';
import { subscribeWithIds } from './event-log.js';

export interface StreamingSubgraphOptions {
  readonly typeDefs: string;
  /** Their context: the request's headers, or the payload of `connection_init` and the `lastEventId` of a subscription. */
  readonly resolvers: Resolvers;
  /** Default: a free port. */
  readonly port?: number;
  /** Streams prove each whose they are, as Tessera's subgraphs have it; their context is the proof. */
  readonly proof?: { readonly secret: string; readonly subgraph: string };
}

/** A federated subgraph on a real server: HTTP, graphql-transport-ws on the same path, and `/health`. */
export interface StreamingSubgraph {
  readonly url: string;
  readonly port: number;
  /** Headers of the GraphQL requests over HTTP, in order. */
  readonly requests: readonly IncomingHttpHeaders[];
  /** Payloads of `connection_init`, in order. */
  readonly connections: readonly Readonly<Record<string, unknown>>[];
  /** Payloads of `subscribe`, in order. */
  readonly subscribes: readonly SubscribePayload[];
  /** Streams that are open now. */
  openStreams(): number;
  /** WebSockets that are open now. */
  openSockets(): number;
  /** Resolves when this many streams are open. */
  untilStreams(count: number): Promise<void>;
  /** Refuses every subscription so, until it is told `undefined`. */
  refuseStreams(error: GraphQLError | undefined): void;
  /** Cuts all sockets without a word. */
  cutSockets(): void;
  close(): Promise<void>;
}

/** Starts the subgraph. */
export async function startStreamingSubgraph(options: StreamingSubgraphOptions): Promise<StreamingSubgraph> {
  const schema = buildSubgraphSchema({ typeDefs: parse(options.typeDefs), resolvers: options.resolvers });
  const requests: IncomingHttpHeaders[] = [];
  const connections: Readonly<Record<string, unknown>>[] = [];
  const subscribes: SubscribePayload[] = [];
  const changes = new EventEmitter();
  const sockets = new Set<WebSocket>();
  /** Ids of the operations that stream; clients choose them to be unique. */
  const streams = new Set<string>();
  let refusal: GraphQLError | undefined;

  const server = createServer((request, response) => {
    const answer = async (): Promise<unknown> => {
      if (request.url !== '/graphql') return { status: 'ok' };
      const { query, variables } = JSON.parse(await text(request)) as { query: string; variables?: object };
      requests.push(request.headers);
      return execute({
        schema,
        document: parse(query),
        variableValues: { ...variables },
        contextValue: request.headers,
      });
    };
    answer().then(
      (body) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      () => response.writeHead(500).end(),
    );
  });
  const protocol = makeServer<Record<string, unknown>, undefined>({
    schema,
    execute,
    subscribe: subscribeWithIds,
    onSubscribe: (_context, _id, payload) => {
      subscribes.push(payload);
      return refusal === undefined ? undefined : [refusal];
    },
    onOperation: (_context, id, _payload, _args, result) => {
      if (!(Symbol.asyncIterator in result)) return;
      streams.add(id);
      changes.emit('change');
    },
    context: ({ connectionParams }, _id, payload) => ({
      ...(options.proof === undefined ? connectionParams : readProof(options.proof, payload)),
      lastEventId: payload.extensions?.['lastEventId'],
    }),
    onConnect({ connectionParams = {} }) {
      connections.push(connectionParams);
      return options.proof === undefined ? true : { [principalsParameter]: perMessagePrincipals };
    },
    onComplete: (_context, id) => {
      streams.delete(id);
      changes.emit('change');
    },
  });
  const webSockets = new WebSocketServer({ server, path: '/graphql', handleProtocols: () => 'graphql-transport-ws' });
  webSockets.on('connection', (socket) => {
    sockets.add(socket);
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (data) => socket.send(data),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (handle) => void socket.on('message', (data) => void handle(String(data))),
      },
      undefined,
    );
    socket.once('close', (code, reason) => {
      sockets.delete(socket);
      void closed(code, String(reason));
    });
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/graphql`,
    port,
    requests,
    connections,
    subscribes,
    openStreams: () => streams.size,
    openSockets: () => sockets.size,
    async untilStreams(count) {
      while (streams.size !== count) await once(changes, 'change');
    },
    refuseStreams(error) {
      refusal = error;
    },
    cutSockets() {
      for (const socket of sockets) socket.terminate();
    },
    async close() {
      if (!server.listening) return;
      for (const socket of sockets) socket.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** @throws AppError for a stream that does not prove whose it is */
function readProof(
  { secret, subgraph }: { readonly secret: string; readonly subgraph: string },
  payload: SubscribePayload,
): Readonly<Record<string, unknown>> {
  const proof = { ...(payload.extensions?.['tessera'] as Readonly<Record<string, unknown>> | undefined) };
  const request = { audience: subgraph, method: 'SUBSCRIBE', path: '/graphql', body: signedSubscription(payload) };
  verifyPrincipal([secret], request, proof, Date.now());
  return proof;
}

/** A topic that a test publishes to and a subscription's resolver listens to. */
export interface Topic<Message> {
  publish(message: Message): void;
  /** Who listens now. */
  listeners(): number;
  listen(): AsyncIterable<Message>;
}

/** Creates a topic; who listens gets what is published from then on. */
export function createTopic<Message>(): Topic<Message> {
  const emitter = new EventEmitter().setMaxListeners(0);
  return {
    publish: (message) => void emitter.emit('message', message),
    listeners: () => emitter.listenerCount('message'),
    listen() {
      const leaving = new AbortController();
      const messages = on(emitter, 'message', { signal: leaving.signal });
      return {
        [Symbol.asyncIterator]: () => ({
          async next() {
            const { done, value } = (await messages.next()) as IteratorResult<[Message], undefined>;
            return done === true || value === undefined
              ? { done: true, value: undefined }
              : { done: false, value: value[0] };
          },
          async return() {
            await messages.return?.();
            return { done: true, value: undefined };
          },
        }),
      };
    },
  };
}
