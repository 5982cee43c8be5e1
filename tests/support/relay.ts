import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way over TCP that can be cut, and whose end can be moved. */
export interface Relay {
  readonly port: number;
  /** Where who connects from now on comes to; undefined: nowhere. */
  leadTo(port: number | undefined): void;
  /** Cuts all connections without a word. @returns how many they were */
  cut(): number;
  close(): Promise<void>;
}

/**
 * Starts a relay on a free port.
 *
 * @param watch called for each connection; what it answers sees all that is sent by who connected
 */
export async function startRelay(target: number, watch?: () => (chunk: Buffer) => void): Promise<Relay> {
  const open = new Set<Socket>();
  let end: number | undefined = target;
  const server = createServer((near) => {
    if (end === undefined) return void near.destroy();
    const far = connect(end, '127.0.0.1');
    open.add(near);
    if (watch !== undefined) near.on('data', watch());
    for (const [one, other] of [[near, far] as const, [far, near] as const]) {
      one.on('error', () => undefined);
      one.once('close', () => other.destroy());
      one.pipe(other);
    }
    near.once('close', () => open.delete(near));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): number => {
    const { size } = open;
    for (const socket of open) socket.resetAndDestroy();
    return size;
  };
  return {
    port: (server.address() as AddressInfo).port,
    leadTo(port) {
      end = port;
    },
    cut,
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
