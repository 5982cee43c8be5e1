import type { Readable } from 'node:stream';

/** Names one object: the tenant's part of the store, and the file in it. Both are UUIDs. */
export interface ObjectKey {
  readonly tenantId: string;
  readonly fileId: string;
}

export interface HttpHeader {
  readonly name: string;
  readonly value: string;
}

/** What exactly may be uploaded, and until when the upload may begin. */
export interface UploadGrant {
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly expiresAt: Date;
}

/** Where and how a client uploads. `Content-Length` has to be the granted size; HTTP clients send it by themselves. */
export interface UploadTarget {
  readonly url: string;
  readonly method: 'PUT';
  readonly headers: readonly HttpHeader[];
  readonly expiresAt: Date;
}

export interface DownloadGrant {
  readonly contentType: string;
  readonly fileName: string;
  /** As of when the URL is made: equal grants of one time have equal URLs. Default now. */
  readonly signedAt?: Date;
  readonly expiresAt: Date;
}

/** What was really stored. */
export interface ObjectDigest {
  readonly sizeBytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** How far an object that is written piece by piece is kept: enough to go on from there after a crash. */
export interface AppendState {
  readonly bytes: number;
  readonly uploadId?: string;
  /** Entity tags of the parts that are there. */
  readonly parts?: readonly string[];
}

/** An object that is written piece by piece, and appears when it is complete. */
export interface AppendedObject {
  append(chunk: Buffer): Promise<void>;
  /** @returns from where to go on; undefined where the last pieces could not be put away yet */
  checkpoint(): Promise<AppendState | undefined>;
  /** @returns its size in bytes */
  complete(): Promise<number>;
  /** Lets go of it, complete or not. */
  close(): Promise<void>;
}

/**
 * Keeps the bytes of files. Clients write and read them by signed URLs: each grants one thing, for a time.
 * An object appears whole or not at all, and is never overwritten.
 */
export interface ObjectStore {
  createUploadTarget(key: ObjectKey, grant: UploadGrant): Promise<UploadTarget>;
  createDownloadUrl(key: ObjectKey, grant: DownloadGrant): Promise<string>;
  /** @returns the size in bytes; undefined where there is no such object */
  sizeOf(key: ObjectKey): Promise<number | undefined>;
  /** Reads the whole object, without holding more than a piece of it. */
  digest(key: ObjectKey): Promise<ObjectDigest>;
  /** Begins an object that the service itself writes; what was begun of it before is forgotten. */
  beginAppended(key: ObjectKey): Promise<AppendedObject>;
  /** Goes on with it from a checkpoint. @returns undefined where what was written is gone: it has to be begun anew */
  resumeAppended(key: ObjectKey, state: AppendState): Promise<AppendedObject | undefined>;
  /** Forgets an object that was begun and is not complete; without one there is nothing to do. */
  discardAppended(key: ObjectKey): Promise<void>;
  /** The bytes of an object; whoever asks reads or destroys the stream. */
  openContent(key: ObjectKey, signal: AbortSignal): Promise<Readable>;
  /**
   * Removes the bytes of an object, or of one that may still come, while a URL for its upload is good: the URL brings none any more.
   * Whoever calls this removes the object for good when the URL is over.
   */
  retire(key: ObjectKey): Promise<void>;
  /** Removes an object; without one there is nothing to do. */
  remove(key: ObjectKey): Promise<void>;
  /** Removes every object of a tenant, those included that no row knows, and those that are not complete. */
  removeAll(tenantId: string, signal: AbortSignal): Promise<void>;
  /** Removes what uploads that never ended have left behind. */
  removeAbandonedUploads(startedBefore: Date): Promise<void>;
  /** Rejects when the store cannot be used now. */
  check(): Promise<void>;
  close(): void;
}
