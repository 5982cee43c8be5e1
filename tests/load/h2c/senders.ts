import { once } from 'node:events';
import { connect } from 'node:http2';
import { Cancellation } from '@tessera/gateway/execution/cancellation';
import { createPlainChannel } from '@tessera/gateway/execution/plain-channel';
import { H2CClient, Pool } from 'undici';

/** One way to ask a subgraph. */
export interface Sender {
  readonly name: string;
  /** @returns the answer's length */
  send(body: string): Promise<number>;
  close(): Promise<void>;
}

const headers = {
  'content-type': 'application/json',
  'x-request-id': '01890c0d-e000-7000-8000-000000000000',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};
const maxConnections = 50;

/** The gateway's own connections, and what speaks HTTP/2 in their place. */
export function createSenders(http1Port: number, http2Port: number): readonly Sender[] {
  const [http1, http2] = [`http://127.0.0.1:${http1Port}`, `http://127.0.0.1:${http2Port}`];
  return [
    createOwn(http1),
    createByUndici('undici, HTTP/1.1', new Pool(http1, { connections: maxConnections })),
    createByUndici(
      'undici, h2c',
      new H2CClient(http2, { maxConcurrentStreams: maxConnections, pipelining: maxConnections }),
    ),
    createByNode(http2),
  ];
}

function createOwn(origin: string): Sender {
  const channel = createPlainChannel({
    origin,
    headers: Object.entries(headers).flat(),
    maxResponseBytes: 1_000_000,
    maxConnections,
    connectTimeoutMs: 2_000,
    maxAgeMs: 60_000,
  });
  return {
    name: "the gateway's, HTTP/1.1",
    async send(body) {
      const { body: answer } = await channel.post('/graphql', [], body, new Cancellation());
      return answer.length;
    },
    close: () => channel.close(),
  };
}

function createByUndici(name: string, client: Pool | H2CClient): Sender {
  return {
    name,
    async send(body) {
      const answer = await client.request({ method: 'POST', path: '/graphql', headers, body });
      return (await answer.body.text()).length;
    },
    close: () => client.close(),
  };
}

/** As little as can be done with Node's own HTTP/2. */
function createByNode(origin: string): Sender {
  const session = connect(origin);
  return {
    name: 'node:http2, h2c',
    async send(body) {
      const stream = session.request({ ':method': 'POST', ':path': '/graphql', ...headers });
      let length = 0;
      stream.on('data', (chunk: Buffer) => (length += chunk.length));
      stream.end(body);
      await once(stream, 'end');
      return length;
    },
    async close() {
      session.close();
      await once(session, 'close');
    },
  };
}
