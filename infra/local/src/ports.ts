import { createConnection, createServer, type AddressInfo } from 'node:net';
import { StartError } from '@tessera/service/errors';
import { serviceNames, type ServiceName } from './subgraphs.js';

export type Ports = Readonly<Record<ServiceName | 'gateway', number>>;

/**
 * The ports of the gateway and the subgraphs: consecutive from the gateway's, or any free ones for 0.
 *
 * @throws StartError naming a port that somebody else listens on
 */
export async function choosePorts(gatewayPort: number): Promise<Ports> {
  const names = ['gateway', ...serviceNames] as const;
  const entries: [ServiceName | 'gateway', number][] = [];
  for (const [offset, name] of names.entries()) {
    const wanted = gatewayPort === 0 ? 0 : gatewayPort + offset;
    entries.push([name, await probe(wanted, name)]);
  }
  return Object.fromEntries(entries) as Ports;
}

/** A free port, for the database. */
export const freePort = (): Promise<number> => probe(0, 'database');

/** Whether somebody takes connections on a port of this machine. */
export function isListening(port: number): Promise<boolean> {
  if (!(port > 0 && port <= 65_535)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1', timeout: 1_000 });
    const settle = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', settle(true)).once('error', settle(false)).once('timeout', settle(false));
  });
}

function probe(port: number, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') reject(error);
      else reject(new StartError(`Port ${port} (${name}) is in use. Choose others: npm start -- --port ${port + 100}`));
    });
    server.listen({ port, host: '127.0.0.1' }, () => {
      const { port: taken } = server.address() as AddressInfo;
      server.close(() => resolve(taken));
    });
  });
}
