import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError } from '@tessera/service/errors';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Invalidator } from './invalidator.js';

/** Where invalidations are taken, on the internal port. */
export const invalidationPath = '/cache/invalidate';

const maxThings = 1_000;
const nameField = z.string().min(1).max(1_024);

const bodySchema = z.strictObject({
  entities: z
    .array(z.strictObject({ type: nameField, key: z.record(nameField, z.unknown()) }))
    .max(maxThings)
    .optional(),
  types: z.array(nameField).max(maxThings).optional(),
  tags: z.array(nameField).max(maxThings).optional(),
  everything: z.boolean().optional(),
});

/**
 * Serves `POST /cache/invalidate` with `{ "entities": [{ "type": "Tenant", "key": { "id": "1" } }], "types": [...],
 * "tags": [...], "everything": true }` for who bears one of the secrets: 204 when it is done, 503 when it has to be said again.
 */
export function addInvalidationRoute(
  server: FastifyInstance,
  secrets: readonly string[],
  invalidator: Invalidator,
): void {
  const expected = secrets.map((secret) => digest(`Bearer ${secret}`));
  server.post(invalidationPath, async (request, reply) => {
    const given = digest(request.headers.authorization ?? '');
    if (!expected.some((one) => timingSafeEqual(given, one))) {
      return reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'The secret is required' });
    }
    const parsed = bodySchema.safeParse(request.body);
    if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
    try {
      await invalidator.invalidate(parsed.data);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return reply.code(503).header('retry-after', '1').send({ error: error.message });
    }
    return reply.code(204).send();
  });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
