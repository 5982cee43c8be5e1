import { fastify } from 'fastify';
import type { Lifecycle } from '../lifecycle/index.js';
import type { Metrics } from '../metrics/index.js';
import { listen } from './server.js';

/** Serves `/metrics` on a port of its own, which is never published outside the cluster. */
export async function startInternalServer(
  metrics: Metrics,
  lifecycle: Lifecycle,
  address: { readonly host: string; readonly port: number },
): Promise<number> {
  const server = fastify();
  server.get('/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
  return listen(server, lifecycle, address);
}
