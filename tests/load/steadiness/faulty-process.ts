import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { getPriority, setPriority } from 'node:os';
import { faults } from './faults.js';
import type { FaultyMessage } from './faulty-subgraph.js';

/**
 * Child process: a subgraph that fails as it is told to. It counts the requests that reach it. Weaker than the bystander on
 * the same core: what sending 100 MB costs must not look like what receiving them costs.
 */
const niceness = 19;

let fault = faults.get('well');
let requests = 0;

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    // The gateway writes a request at once, and not the next one before it is answered.
    if (!chunk.subarray(0, 5).equals(Buffer.from('POST '))) return;
    requests += 1;
    void fault?.(socket);
  });
});
setPriority(Math.min(19, getPriority() + niceness));
server.listen(0, '127.0.0.1');
await once(server, 'listening');

process.on('message', (name: string) => {
  fault = faults.get(name) ?? fault;
  const reply: FaultyMessage = { port: (server.address() as AddressInfo).port, requests };
  requests = 0;
  process.send?.(reply);
});
process.once('disconnect', () => process.exit());
