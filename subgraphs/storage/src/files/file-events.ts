import { sqlOf, type EntityManager } from '@tessera/service/database';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import type { FileEntity } from './file.entity.js';

export type FileEventType = 'file.completed' | 'file.deleted';

/** Tells other subgraphs what a tenant stores more, or no longer. */
export async function announceFile(entityManager: EntityManager, type: FileEventType, file: FileEntity): Promise<void> {
  const { id, tenantId, ownerId, bucket, contentType, sizeBytes } = file;
  const payload = { fileId: id, ownerId, bucket, contentType, bytes: sizeBytes };
  await appendToOutbox(sqlOf(entityManager), [createDomainEvent({ type, tenantId, payload })]);
}
