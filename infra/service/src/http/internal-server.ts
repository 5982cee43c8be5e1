import { fastify, type FastifyInstance } from 'fastify';
import type { Lifecycle } from '../lifecycle/index.js';
import type { Metrics } from '../metrics/index.js';
import { listen } from './server.js';

export interface InternalServerOptions {
  readonly host: string;
  readonly port: number;
  /** Adds what else is for operators alone. */
  readonly addRoutes?: ((server: FastifyInstance) => void) | undefined;
}

/** Serves `/metrics` on a port of its own, which is never published outside the cluster. */
export async function startInternalServer(
  metrics: Metrics,
  lifecycle: Lifecycle,
  { addRoutes, ...address }: InternalServerOptions,
): Promise<number> {
  const server = fastify();
  server.get('/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
  addRoutes?.(server);
  return listen(server, lifecycle, address);
}
