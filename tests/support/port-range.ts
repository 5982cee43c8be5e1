import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Finds consecutive ports that are free now, for processes that must come back on the same ones. They lie below the
 * range that the kernel takes for outgoing connections, so that nobody sits on them while such a process is down.
 *
 * @returns the first of them
 */
export async function freePortRange(count: number): Promise<number> {
  for (;;) {
    const first = 10_000 + Math.floor(Math.random() * 20_000);
    const servers: Server[] = [];
    try {
      for (let port = first; port < first + count; port += 1) {
        const server = createServer();
        servers.push(server);
        server.listen(port, '127.0.0.1');
        await once(server, 'listening');
      }
      return first;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    } finally {
      await Promise.all(servers.filter(({ listening }) => listening).map((server) => closed(server)));
    }
  }
}

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
