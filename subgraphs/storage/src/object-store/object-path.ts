import { isId } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import type { ObjectKey } from './object-store.js';

/**
 * The path of an object in its store: `<tenantId>/<fileId>`.
 *
 * Nothing but two UUIDs of fixed length ever becomes part of a path, so no key is the beginning of another and none
 * leaves its folder.
 *
 * @throws AppError `NOT_FOUND` for a key that no object can have
 */
export function objectPath({ tenantId, fileId }: ObjectKey): string {
  if (!isId(tenantId) || !isId(fileId)) throw new AppError('NOT_FOUND', 'Object was not found');
  return `${tenantId}/${fileId}`;
}

/**
 * What the paths of all objects of a tenant begin with, and of nobody else's.
 *
 * @throws AppError `NOT_FOUND` for what is no tenant
 */
export function tenantPrefix(tenantId: string): string {
  if (!isId(tenantId)) throw new AppError('NOT_FOUND', 'Tenant was not found');
  return `${tenantId}/`;
}
