import { isId, newId, sqlOf } from '@tessera/service/database';
import { AppError, notFound, parseInput } from '@tessera/service/errors';
import { requirePermission } from '@tessera/service/identity';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { readNetworks } from '../networks/tenant-networks.js';
import { urlExpiry } from '../networks/url-lifetime.js';
import type { ObjectKey, ObjectStore, UploadTarget } from '../object-store/object-store.js';
import { reserveSpace } from '../usage/quota.js';
import { announceFile } from './file-events.js';
import { createUploadSchema } from './file-input.js';
import { FileEntity } from './file.entity.js';
import { SharedDigests } from './shared-digests.js';

export interface UploadServiceOptions {
  readonly store: ObjectStore;
  readonly serviceScope: (tenantId: string) => DataScope;
  readonly maxFileBytes: number;
  readonly defaultQuotaBytes: number;
  readonly uploadLifetimeSeconds: number;
  readonly now?: () => Date;
}

export interface CreatedUpload {
  readonly file: FileEntity;
  readonly target: UploadTarget;
}

/** The way of a file into the store: space is reserved, the client uploads by a signed URL, and says when it is done. */
export class UploadService {
  readonly #options: UploadServiceOptions;
  readonly #now: () => Date;
  readonly #digests: SharedDigests;

  constructor(options: UploadServiceOptions) {
    this.#options = options;
    this.#digests = new SharedDigests(options.store);
    this.#now = options.now ?? (() => new Date());
  }

  /** @throws AppError `QUOTA_EXCEEDED` where the tenant has not enough space left */
  async create({ principal, scope }: Caller, input: unknown): Promise<CreatedUpload> {
    const { tenantId, userId } = requirePermission(principal, 'files:write');
    const { store, maxFileBytes, defaultQuotaBytes, uploadLifetimeSeconds } = this.#options;
    const { name, contentType, size, bucket } = parseInput(createUploadSchema(maxFileBytes), input);
    const createdAt = this.#now();
    const file = Object.assign(new FileEntity(), {
      id: newId(),
      tenantId,
      ownerId: userId,
      name,
      bucket,
      contentType,
      sizeBytes: size,
      status: 'PENDING' as const,
      createdAt,
      uploadExpiresAt: new Date(createdAt.getTime() + uploadLifetimeSeconds * 1_000),
    });
    const networks = await scope.write(async (entityManager) => {
      entityManager.persist(file);
      await entityManager.flush();
      await reserveSpace(entityManager, file, defaultQuotaBytes);
      return readNetworks(entityManager, tenantId);
    });
    const expiresAt = urlExpiry('upload', networks, file.uploadExpiresAt, createdAt);
    const grant = { contentType, sizeBytes: size, expiresAt };
    return { file, target: await store.createUploadTarget(keyOf(file), grant) };
  }

  /**
   * Makes a file usable once its bytes are there. Repeating it changes nothing, and reads nothing again: who was not answered in
   * time, for a large file takes long to read, calls it again.
   *
   * @throws AppError `PRECONDITION_FAILED` where nothing, or something of another size, was uploaded
   */
  async complete(caller: Caller, fileId: string): Promise<FileEntity> {
    requirePermission(caller.principal, 'files:write');
    const file = await this.#find(caller, fileId);
    if (file.status === 'READY') return file;
    if (file.status === 'EXPIRED') throw new AppError('PRECONDITION_FAILED', 'The upload was not completed in time');
    const sha256 = await this.#examine(file);
    const isCompleted = await caller.scope.write(async (entityManager) => {
      const changed = await sqlOf(entityManager)(
        `update file set status = 'READY', sha256 = $2 where id = $1 and status = 'PENDING' returning id`,
        [fileId, sha256],
      );
      if (changed.length === 1) await announceFile(entityManager, 'file.completed', file);
      return changed.length === 1;
    });
    if (isCompleted) return Object.assign(file, { status: 'READY' as const, sha256 });
    // Somebody else completed, deleted or gave it up meanwhile.
    return this.#findReady(caller, fileId);
  }

  /** Whether a file waits for its bytes; asked by the store's own routes, which know no caller. */
  async isAwaited({ tenantId, fileId }: ObjectKey): Promise<boolean> {
    if (!isId(tenantId) || !isId(fileId)) return false;
    const scope = this.#options.serviceScope(tenantId);
    try {
      const where = { id: fileId, tenantId, status: 'PENDING' as const };
      return (await scope.read((entityManager) => entityManager.count(FileEntity, where))) === 1;
    } finally {
      scope.close();
    }
  }

  async #find({ scope }: Caller, fileId: string): Promise<FileEntity> {
    if (!isId(fileId)) throw notFound('File');
    const file = await scope.read((entityManager) => entityManager.findOne(FileEntity, { id: fileId }));
    if (file === null || file.status === 'DELETED') throw notFound('File');
    return file;
  }

  async #findReady(caller: Caller, fileId: string): Promise<FileEntity> {
    const file = await this.#find(caller, fileId);
    if (file.status !== 'READY') throw new AppError('PRECONDITION_FAILED', 'The upload was not completed in time');
    return file;
  }

  async #examine(file: FileEntity): Promise<string> {
    const { store } = this.#options;
    const key = keyOf(file);
    const expectedBytes = file.sizeBytes;
    const actualBytes = await store.sizeOf(key);
    if (actualBytes === undefined) {
      throw new AppError('PRECONDITION_FAILED', 'Nothing was uploaded', { details: { expectedBytes } });
    }
    if (actualBytes !== expectedBytes) {
      throw new AppError('PRECONDITION_FAILED', 'The upload has another size than the file', {
        details: { expectedBytes, actualBytes },
      });
    }
    return (await this.#digests.of(key)).sha256;
  }
}

/** The object of a file. */
export function keyOf({ tenantId, id }: FileEntity): ObjectKey {
  return { tenantId, fileId: id };
}
