import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { StartError } from '../errors/index.js';
import { backlogOf } from './accept-backlog.js';

/**
 * So many connections wait to be accepted, over all sockets. What comes beyond is not answered by the kernel and tries again a
 * second later, which costs nothing here; each that waits must be accepted, also when its client has long given up.
 */
const maxWaiting = 2_048;

/** Under what name a server keeps the sockets that listen beside its own. */
const decoration = 'acceptors';

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Prepares a server for sockets that listen beside its own; before it listens. */
export function prepareAcceptors(server: FastifyInstance): void {
  server.decorate(decoration, new Set<Server>());
}

/** All that listen for a server. */
export function listenersOf(server: FastifyInstance): readonly Server[] {
  return [server.server, ...server.getDecorator<Set<Server>>(decoration)];
}

/**
 * Opens a port with several sockets. The event loop accepts one connection from each socket in one turn (libuv, since
 * 1.46): while turns are long, whoever comes anew would wait for a hundred turns behind a hundred others, and give up and
 * come again. The kernel spreads connections over the sockets (SO_REUSEPORT).
 *
 * One socket it is for port 0, for a worker of `node:cluster`, whose primary accepts for it, and where the system knows no
 * such thing.
 *
 * @throws StartError for a port that is in use, and for a host that is no address of this machine
 */
export async function listenWithSockets(server: FastifyInstance, address: Address, sockets: number): Promise<void> {
  if (sockets < 2 || address.port === 0 || cluster.isWorker || process.platform !== 'linux') {
    await server.listen(address).catch((error: unknown) => refuse(address, error));
    return;
  }
  await assertFree(address).catch((error: unknown) => refuse(address, error));
  const shared = { ...address, reusePort: true, backlog: Math.ceil(maxWaiting / sockets) };
  await server.listen(shared);
  const acceptors = server.getDecorator<Set<Server>>(decoration);
  const backlog = backlogOf(server);
  for (let count = 1; count < sockets; count += 1) {
    // As `node:http` has it.
    const acceptor = createServer({ allowHalfOpen: true, noDelay: true });
    acceptor.on('connection', (socket) => {
      backlog.accepted(acceptor, socket);
      server.server.emit('connection', socket);
    });
    acceptors.add(acceptor);
    acceptor.listen(shared);
    await once(acceptor, 'listening');
  }
}

/** With shared sockets a second process would get half of the connections, where it should be told that the port is taken. */
async function assertFree(address: Address): Promise<void> {
  const alone = createServer();
  alone.listen({ ...address, exclusive: true });
  await once(alone, 'listening');
  alone.close();
  await once(alone, 'close');
}

const reasons: Readonly<Record<string, (address: Address) => string>> = {
  EADDRINUSE: ({ port }) => `Port ${port} is in use: end who listens there, or choose another (PORT)`,
  EADDRNOTAVAIL: ({ host }) => `${host} is no address of this machine (HOST)`,
};

function refuse(address: Address, error: unknown): never {
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
  throw reason === undefined ? error : new StartError(reason(address), { cause: error });
}
