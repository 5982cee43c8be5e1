import { sqlOf, type EntityManager } from '@tessera/service/database';
import type { DomainEvent } from '@tessera/service/events';
import { essenceOf } from '@tessera/service/http';
import { z } from 'zod';

/** Images that every browser shows and none runs: SVG can carry scripts. */
const contentTypes: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif']);

const maxBytes = 5 * 1_024 * 1_024;

/** For people who chose what cannot be a picture. */
export const pictureRule = 'an image (PNG, JPEG, WebP, GIF or AVIF) of at most 5 MB that you have uploaded';

const fileSchema = z.object({
  fileId: z.uuid(),
  ownerId: z.uuid(),
  contentType: z.string(),
  bytes: z.coerce.number(),
});

export const pictureEventTypes = ['file.completed', 'file.deleted'] as const;

export function isPictureEvent({ type }: DomainEvent): boolean {
  return pictureEventTypes.some((name) => name === type);
}

/** Keeps which files may be pictures. One that is deleted is nobody's picture any more: the foreign key sees to that. */
export async function applyPictureEvent(event: DomainEvent, entityManager: EntityManager): Promise<void> {
  const { fileId, ownerId, contentType, bytes } = fileSchema.parse(event.payload);
  const query = sqlOf(entityManager);
  if (event.type === 'file.deleted') {
    await query('delete from picture where file_id = $1', [fileId]);
    return;
  }
  if (!contentTypes.has(essenceOf(contentType)) || bytes === 0 || bytes > maxBytes) return;
  await query(
    'insert into picture (file_id, tenant_id, owner_id) values ($1, $2, $3) on conflict (file_id) do nothing',
    [fileId, event.tenantId, ownerId],
  );
}
