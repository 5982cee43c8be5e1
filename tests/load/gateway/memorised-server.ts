import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, parse, type GraphQLSchema } from 'graphql';

import type { SubgraphDefinition } from '../../gateway/support/federation.js';
import { federationLink } from './compose-graph.js';

const endOfHead = Buffer.from('\r\n\r\n');

/** A subgraph that listens. */
export interface MemorisedSubgraph {
  readonly port: number;
  /** How many requests it has had. */
  requests(): number;
}

/** Computes the answer to a request's body. */
type Answer = (body: string) => Promise<string>;

/**
 * Starts a subgraph that costs next to nothing: each request's text is answered by graphql-js once, and from memory ever
 * after. It speaks just enough HTTP/1.1 over bare sockets, because Node's own server would cost more than the answer.
 */
export async function startMemorisedSubgraph(
  { typeDefs, resolvers }: SubgraphDefinition,
  answerHeader?: string,
): Promise<MemorisedSubgraph> {
  const schema: GraphQLSchema = buildSubgraphSchema({ typeDefs: parse(`${federationLink}\n${typeDefs}`), resolvers });
  const compute: Answer = async (body) => {
    const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
    return JSON.stringify(await execute({ schema, document: parse(query), variableValues: variables ?? {} }));
  };
  const memory = new Map<string, Buffer>();
  let requests = 0;
  const answerBody = (socket: Socket, body: string): void => {
    requests += 1;
    const known = memory.get(body);
    if (known === undefined) void answerFirst(socket, body, memory, compute, answerHeader);
    else socket.write(known);
  };
  const server = createServer({ noDelay: true }, (socket) => serve(socket, answerBody));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, requests: () => requests };
}

function serve(socket: Socket, answerBody: (socket: Socket, body: string) => void): void {
  let received: Buffer = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    for (;;) {
      const headLength = received.indexOf(endOfHead);
      if (headLength === -1) return;
      const head = received.toString('latin1', 0, headLength);
      const bodyLength = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      const end = headLength + endOfHead.length + bodyLength;
      if (received.length < end) return;
      const body = received.toString('utf8', end - bodyLength, end);
      received = received.subarray(end);
      answerBody(socket, body);
    }
  });
}

async function answerFirst(
  socket: Socket,
  body: string,
  memory: Map<string, Buffer>,
  compute: Answer,
  answerHeader: string | undefined,
): Promise<void> {
  const answer = await compute(body === '' ? '{"query":"{ __typename }"}' : body);
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(answer)}\r\n`;
  const further = answerHeader === undefined ? '' : `${answerHeader}\r\n`;
  const message = Buffer.from(`${head}${further}\r\n${answer}`);
  memory.set(body, message);
  socket.write(message);
}
