import { LockMode } from '@mikro-orm/core';
import { findPage, isId, type Page, type PageArguments } from '@tessera/service/database';
import { notFound, parseInput } from '@tessera/service/errors';
import { hasPermission, requirePermission } from '@tessera/service/identity';
import type { Caller } from '@tessera/service/tenancy';
import type { ObjectRemoval } from '../cleanup/object-removal.js';
import type { createNetworksLoader } from '../networks/networks.loader.js';
import { urlExpiry } from '../networks/url-lifetime.js';
import type { ObjectStore } from '../object-store/object-store.js';
import { releaseSpace } from '../usage/quota.js';
import { announceFile } from './file-events.js';
import { matching } from './file-filter.js';
import { downloadLifetimeSchema, fileFilterSchema, updateFileSchema } from './file-input.js';
import { FileEntity } from './file.entity.js';
import type { createFileLoader } from './file.loader.js';
import { keyOf } from './upload.service.js';
import { steadyLife } from './url-life.js';

type FileLoader = ReturnType<typeof createFileLoader>;
type NetworksLoader = ReturnType<typeof createNetworksLoader>;

/** The active tenant's files. */
export class FileService {
  constructor(
    private readonly store: ObjectStore,
    private readonly removal: ObjectRemoval,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** @throws AppError `NOT_FOUND` for a file that does not exist and for one of another tenant */
  async find({ principal }: Caller, files: FileLoader, id: string): Promise<FileEntity> {
    requirePermission(principal, 'files:read');
    const file = await files.load(id);
    if (file === null) throw notFound('File');
    return file;
  }

  /** What another subgraph refers to: null where the caller may not see it, for that is no fault of the caller. */
  async refer({ principal }: Caller, files: FileLoader, id: string): Promise<FileEntity | null> {
    if (principal.tenantId === undefined || !hasPermission(principal, 'files:read')) return null;
    return files.load(id);
  }

  /** Files of one status, the newest first. */
  async list({ principal, scope }: Caller, input: unknown, pageArguments: PageArguments): Promise<Page<FileEntity>> {
    const { tenantId } = requirePermission(principal, 'files:read');
    const where = matching({ tenantId, ...parseInput(fileFilterSchema, input) });
    return findPage(scope.stale, FileEntity, where, pageArguments, 'desc');
  }

  /** @returns null for a file that is not complete: who asks for it beside an upload must not lose that */
  async createDownloadUrl(
    { principal }: Caller,
    networksOf: NetworksLoader,
    file: FileEntity,
    input: unknown,
  ): Promise<string | null> {
    requirePermission(principal, 'files:read');
    const { expiresInSeconds } = parseInput(downloadLifetimeSchema, input);
    if (file.status !== 'READY') return null;
    const now = this.now();
    const networks = await networksOf.load(file.tenantId);
    const wanted = new Date(now.getTime() + expiresInSeconds * 1_000);
    // Where a URL may be taken elsewhere, a moment longer is worth more than what browsers keep.
    const life =
      networks.length === 0
        ? steadyLife(expiresInSeconds, now)
        : { signedAt: now, expiresAt: urlExpiry('download', networks, wanted, now) };
    return this.store.createDownloadUrl(keyOf(file), {
      contentType: file.contentType,
      fileName: file.name,
      ...life,
    });
  }

  /** Gives a file another name; nothing else of it changes, and URLs of before go on giving the old one. */
  async update({ principal, scope }: Caller, input: unknown): Promise<FileEntity> {
    requirePermission(principal, 'files:write');
    const { id, name } = parseInput(updateFileSchema, input);
    if (!isId(id)) throw notFound('File');
    return scope.write(async (entityManager) => {
      const file = await entityManager.findOne(FileEntity, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (file === null || file.status === 'EXPIRED' || file.status === 'DELETED') throw notFound('File');
      if (name !== undefined) file.name = name;
      await entityManager.flush();
      return file;
    });
  }

  /**
   * Deletes a file: its space is free at once. The row remembers that the object has to go; if this process ends before
   * it is gone, or the store hangs, cleaning up goes on with it.
   */
  async delete({ principal, scope }: Caller, id: string): Promise<FileEntity> {
    requirePermission(principal, 'files:write');
    if (!isId(id)) throw notFound('File');
    const deleted = await scope.write(async (entityManager) => {
      const file = await entityManager.findOne(FileEntity, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (file === null || file.status === 'EXPIRED') throw notFound('File');
      if (file.status === 'DELETED') return file;
      const wasReady = file.status === 'READY';
      file.status = 'DELETED';
      file.removalDueAt = this.now();
      await entityManager.flush();
      if (wasReady) await announceFile(entityManager, 'file.deleted', file);
      await releaseSpace(entityManager, file);
      return file;
    });
    await this.removal.begin(deleted);
    return deleted;
  }
}
