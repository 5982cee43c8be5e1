import { randomUUID } from 'node:crypto';
import { constants, createReadStream, type ReadStream } from 'node:fs';
import { access, link, mkdir, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { AppError, StartError } from '@tessera/service/errors';
import { openAppendedFile } from './appended-file.js';
import { digestOf, readDeadline } from './digest.js';
import { objectPath, tenantPrefix } from './object-path.js';
import type {
  AppendedObject,
  AppendState,
  DownloadGrant,
  ObjectDigest,
  ObjectKey,
  ObjectStore,
  UploadGrant,
  UploadTarget,
} from './object-store.js';
import { becomeOnlyWriter, endWriting, isOnlyWriter } from './only-writer.js';
import type { UrlSigner } from './signed-url.js';
import { writeExactly, type WriteLimits } from './write-exactly.js';

/** Bytes from `first` to `last`, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

export interface WriteOptions extends Omit<WriteLimits, 'assertWanted' | 'lookIntervalMs'> {
  /** Asked again and again while bytes come, and at the last moment before the object appears. */
  readonly isStillWanted: () => Promise<boolean>;
  /** How often it is asked while bytes come. Default 5 s. */
  readonly lookIntervalMs?: number | undefined;
}

const defaultLookIntervalMs = 5_000;

/**
 * Objects as files under one folder, which several instances may share. The URLs lead to this service's own routes.
 * It knows of a file only what its name says, so all that a download needs stands in the signed URL.
 */
export class FileSystemStore implements ObjectStore {
  readonly #folder: string;
  readonly #incoming: string;

  private constructor(
    folder: string,
    readonly signer: UrlSigner,
  ) {
    this.#folder = folder;
    // On the same file system as the objects, so that a finished upload can be linked into its place.
    this.#incoming = join(folder, '.incoming');
  }

  /** @throws StartError for a folder that cannot be written to */
  static async open(folder: string, signer: UrlSigner): Promise<FileSystemStore> {
    const store = new FileSystemStore(folder, signer);
    await mkdir(store.#incoming, { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      throw new StartError(`OBJECT_STORE_URL: folder ${folder} cannot be written to (${error.code})`, { cause: error });
    });
    return store;
  }

  async createUploadTarget(key: ObjectKey, grant: UploadGrant): Promise<UploadTarget> {
    const headers = [{ name: 'content-type', value: grant.contentType }];
    return { url: this.signer.uploadUrl(key, grant), method: 'PUT', headers, expiresAt: grant.expiresAt };
  }

  async createDownloadUrl(key: ObjectKey, grant: DownloadGrant): Promise<string> {
    return this.signer.downloadUrl(key, grant);
  }

  /**
   * Stores a stream of exactly so many bytes. Until all of it is on the disk it has another name, and what ends before
   * leaves nothing. One stream at a time is taken of an object, over all instances, so that no URL takes more room than it was granted.
   *
   * @throws AppError `CONFLICT` where there is such an object or another stream of it, `OPERATION_TOO_LARGE` or `BAD_USER_INPUT`
   *   for another size, `PRECONDITION_FAILED` where nobody wants it any more
   */
  async write(key: ObjectKey, source: Readable, options: WriteOptions): Promise<void> {
    const { isStillWanted, lookIntervalMs = defaultLookIntervalMs, ...limits } = options;
    const path = this.#path(key);
    const place = join(this.#incoming, key.fileId);
    const temporary = `${place}.${randomUUID()}`;
    if (!(await becomeOnlyWriter(temporary, place, limits.stallTimeoutMs))) {
      throw new AppError('CONFLICT', 'The object is being uploaded already');
    }
    const assertWanted = async (): Promise<void> => {
      if (!(await isOnlyWriter(temporary, place))) throw new AppError('CONFLICT', 'The object is being uploaded anew');
      // A database that is away for a moment ends no upload: it is asked again, and answers before the object appears.
      if (!(await isStillWanted().catch(() => true))) throw notExpected();
    };
    try {
      await writeExactly(temporary, source, { ...limits, lookIntervalMs, assertWanted });
      if (!(await isStillWanted())) throw notExpected();
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      // Unlike a rename, a link fails where something is: an object that was hashed can never change.
      await link(temporary, path);
      await syncFolder(dirname(path));
    } catch (error) {
      if (isFileError(error, 'EEXIST')) throw new AppError('CONFLICT', 'The object has been uploaded already');
      throw error;
    } finally {
      await endWriting(temporary, place);
    }
  }

  /** Reads an object, or a part of it. */
  read(key: ObjectKey, range?: ByteRange): ReadStream {
    return createReadStream(this.#path(key), range && { start: range.first, end: range.last });
  }

  async sizeOf(key: ObjectKey): Promise<number | undefined> {
    try {
      return (await stat(this.#path(key))).size;
    } catch (error) {
      if (isFileError(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  async digest(key: ObjectKey): Promise<ObjectDigest> {
    const signal = readDeadline((await this.sizeOf(key)) ?? 0);
    return digestOf(createReadStream(this.#path(key)), signal);
  }

  async beginAppended(key: ObjectKey): Promise<AppendedObject> {
    const opened = await this.resumeAppended(key);
    if (opened === undefined) throw new Error('A file that is begun is there');
    return opened;
  }

  async resumeAppended(key: ObjectKey, state?: AppendState): Promise<AppendedObject | undefined> {
    return openAppendedFile(this.#appendedPath(key), this.#path(key), state);
  }

  async discardAppended(key: ObjectKey): Promise<void> {
    await rm(this.#appendedPath(key), { force: true });
  }

  async openContent(key: ObjectKey, signal: AbortSignal): Promise<Readable> {
    return createReadStream(this.#path(key), { signal });
  }

  /** Nothing has to stand in its place: who uploads is asked whether the file is awaited. */
  async retire(key: ObjectKey): Promise<void> {
    await this.remove(key);
  }

  async remove(key: ObjectKey): Promise<void> {
    await rm(this.#path(key), { force: true });
  }

  async removeAll(tenantId: string, signal: AbortSignal): Promise<void> {
    const folder = join(this.#folder, tenantPrefix(tenantId));
    signal.throwIfAborted();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    for (const name of await readdir(this.#incoming)) {
      if (name.startsWith(appendedPrefix(tenantId))) await rm(join(this.#incoming, name), { force: true });
    }
  }

  async removeAbandonedUploads(startedBefore: Date): Promise<void> {
    for (const name of await readdir(this.#incoming)) {
      const path = join(this.#incoming, name);
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined && found.mtime < startedBefore) await rm(path, { force: true });
    }
  }

  async check(): Promise<void> {
    await access(this.#incoming, constants.R_OK | constants.W_OK);
  }

  close(): void {
    // Files are opened and closed one by one; nothing stays open.
  }

  #path(key: ObjectKey): string {
    return join(this.#folder, objectPath(key));
  }

  #appendedPath(key: ObjectKey): string {
    return join(this.#incoming, `${appendedPrefix(key.tenantId)}${basename(this.#path(key))}`);
  }
}

/** What the names of a tenant's files begin with that the service itself writes, while they are not complete. */
const appendedPrefix = (tenantId: string): string => `appended.${tenantId}.`;

/** Without this a power cut may forget the name of a file whose bytes are on the disk. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } finally {
    await handle?.close();
  }
}

function notExpected(): AppError {
  return new AppError('PRECONDITION_FAILED', 'The upload is no longer expected');
}

function isFileError(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === code;
}
