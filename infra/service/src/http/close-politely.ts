import { Server } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Lifecycle } from '../lifecycle/index.js';
import { listenersOf } from './acceptors.js';

/** How long a request may be on its way over a connection that was idle when closing began. */
const maxGraceMs = 250;
const pollMs = 10;
/** Under what name a server keeps how far its closing is. */
const decoration = 'closing';

interface Closing {
  hasBegun: boolean;
}

/**
 * Closes without cutting anybody off. While the service drains, connections stay open as ever. Then the port is closed
 * first, so that who comes anew is refused, which is safe to repeat elsewhere; what still arrives over open connections
 * is answered with `connection: close`; only then are idle ones closed. Closed at once, they would be reset under
 * requests that are on their way, which is not safe to repeat.
 */
export function closePolitely(server: FastifyInstance, lifecycle: Lifecycle): void {
  const closing: Closing = { hasBegun: false };
  server.decorate(decoration, closing);
  // Fastify says so itself to requests that come from now on, but not to those that are under way.
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (closing.hasBegun) reply.header('connection', 'close');
    done(null, payload);
  });
  server.addHook('preClose', async () => {
    closing.hasBegun = true;
    const listeners = listenersOf(server);
    // Node's own `http.Server.close` would close idle connections in the same breath.
    for (const listener of listeners) Server.prototype.close.call(listener);
    const deadlineMs = performance.now() + Math.min(maxGraceMs, lifecycle.drainDelayMs);
    while (performance.now() < deadlineMs && (await countConnections(listeners)) > 0) await wait(pollMs);
  });
}

/** Whether answers are to end their connections, for who answers without Fastify. */
export function isClosing(server: FastifyInstance): boolean {
  return server.getDecorator<Closing>(decoration).hasBegun;
}

async function countConnections(listeners: readonly Server[]): Promise<number> {
  const counts = await Promise.all(
    listeners.map(
      (listener) =>
        new Promise<number>((resolve, reject) => {
          listener.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
        }),
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
