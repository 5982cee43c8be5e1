import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { AppError } from '@tessera/service/errors';
import { contentDisposition } from './content-disposition.js';
import { digestOf, readDeadline } from './digest.js';
import { objectPath, tenantPrefix } from './object-path.js';
import { beginMultipartObject, continueMultipartObject } from './multipart-object.js';
import { abortUploads, hasUpload } from './multipart-uploads.js';
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
import type { S3Sdk } from './s3-sdk.js';

/** The most that a call about one object, without its bytes, may take: whoever waits for it has to be answered in time. */
const callTimeoutMs = 3_000;
/** Listing takes longer. */
const listTimeoutMs = 10_000;
/** As many calls as a store is asked to take side by side. */
const removedAtOnce = 20;

export interface S3StoreOptions {
  readonly sdk: S3Sdk;
  readonly bucket: string;
  readonly client: S3Client;
  /** Signs URLs: its endpoint is the one that clients reach, which may not be the one that we reach. */
  readonly signingClient: S3Client;
}

/** Objects in one bucket of any S3 API. Clients speak to it directly; no byte of theirs passes through this service. */
export class S3Store implements ObjectStore {
  readonly #options: S3StoreOptions;

  constructor(options: S3StoreOptions) {
    this.#options = options;
  }

  async createUploadTarget(key: ObjectKey, grant: UploadGrant): Promise<UploadTarget> {
    const { sdk, signingClient } = this.#options;
    const { contentType, sizeBytes, expiresAt } = grant;
    const command = new sdk.PutObjectCommand({
      ...this.#address(key),
      ContentType: contentType,
      ContentLength: sizeBytes,
      // An object that was hashed must not be replaced while the URL is still good.
      IfNoneMatch: '*',
    });
    const url = await sdk.getSignedUrl(signingClient, command, {
      expiresIn: secondsBetween(new Date(), expiresAt),
      signableHeaders: new Set(['host', 'content-type', 'content-length', 'if-none-match']),
    });
    const headers = [
      { name: 'content-type', value: contentType },
      { name: 'if-none-match', value: '*' },
    ];
    return { url, method: 'PUT', headers, expiresAt };
  }

  async createDownloadUrl(key: ObjectKey, grant: DownloadGrant): Promise<string> {
    const { sdk, signingClient } = this.#options;
    const { contentType, fileName, signedAt = new Date(), expiresAt } = grant;
    const command = new sdk.GetObjectCommand({
      ...this.#address(key),
      ResponseContentType: contentType,
      ResponseContentDisposition: contentDisposition(contentType, fileName),
    });
    return sdk.getSignedUrl(signingClient, command, {
      signingDate: signedAt,
      expiresIn: secondsBetween(signedAt, expiresAt),
    });
  }

  async sizeOf(key: ObjectKey): Promise<number | undefined> {
    const { sdk, client } = this.#options;
    try {
      const head = await client.send(new sdk.HeadObjectCommand(this.#address(key)), callOptions());
      return head.ContentLength ?? 0;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw storeFailed(error);
    }
  }

  async digest(key: ObjectKey): Promise<ObjectDigest> {
    const { sdk, client } = this.#options;
    const abortSignal = readDeadline((await this.sizeOf(key)) ?? 0);
    try {
      const { Body } = await client.send(new sdk.GetObjectCommand(this.#address(key)), { abortSignal });
      // In Node the SDK's body is always a stream of Node.
      return await digestOf(Body as Readable, abortSignal);
    } catch (error) {
      throw storeFailed(error);
    }
  }

  async beginAppended(key: ObjectKey): Promise<AppendedObject> {
    try {
      await abortUploads(this.#options, objectPath(key));
      return await beginMultipartObject({ ...this.#options, address: this.#address(key) });
    } catch (error) {
      throw storeFailed(error);
    }
  }

  async resumeAppended(key: ObjectKey, state: AppendState): Promise<AppendedObject | undefined> {
    try {
      const isThere = await hasUpload(this.#options, objectPath(key), state.uploadId ?? '');
      return isThere ? continueMultipartObject({ ...this.#options, address: this.#address(key) }, state) : undefined;
    } catch (error) {
      throw storeFailed(error);
    }
  }

  async discardAppended(key: ObjectKey): Promise<void> {
    try {
      await abortUploads(this.#options, objectPath(key));
    } catch (error) {
      throw storeFailed(error);
    }
  }

  async openContent(key: ObjectKey, signal: AbortSignal): Promise<Readable> {
    const { sdk, client } = this.#options;
    try {
      const { Body } = await client.send(new sdk.GetObjectCommand(this.#address(key)), { abortSignal: signal });
      return Body as Readable;
    } catch (error) {
      throw storeFailed(error);
    }
  }

  /**
   * Puts nothing in the place of the object, in one step: an upload URL writes only where nothing is, and none can be taken back.
   * Download URLs give nothing then.
   */
  async retire(key: ObjectKey): Promise<void> {
    const { sdk, client } = this.#options;
    const command = new sdk.PutObjectCommand({
      ...this.#address(key),
      Body: '',
      ContentLength: 0,
      CacheControl: 'no-store',
    });
    try {
      await client.send(command, callOptions());
    } catch (error) {
      throw storeFailed(error);
    }
  }

  async remove(key: ObjectKey): Promise<void> {
    const { sdk, client } = this.#options;
    try {
      await client.send(new sdk.DeleteObjectCommand(this.#address(key)), callOptions());
    } catch (error) {
      if (!isMissing(error)) throw storeFailed(error);
    }
  }

  async removeAll(tenantId: string, signal: AbortSignal): Promise<void> {
    const { sdk, client, bucket } = this.#options;
    const prefix = tenantPrefix(tenantId);
    try {
      for (;;) {
        signal.throwIfAborted();
        // From the beginning each time: what was listed before is gone.
        const command = new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: removedAtOnce });
        const { Contents: found = [] } = await client.send(command, callOptions(listTimeoutMs));
        if (found.length === 0) break;
        await Promise.all(
          found.map(({ Key }) => client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key }), callOptions())),
        );
      }
      await abortUploads(this.#options, prefix);
    } catch (error) {
      signal.throwIfAborted();
      throw storeFailed(error);
    }
  }

  async removeAbandonedUploads(): Promise<void> {
    // An upload is one PUT, which an S3 store completes or forgets by itself.
  }

  async check(): Promise<void> {
    const { sdk, client, bucket } = this.#options;
    await client.send(new sdk.HeadBucketCommand({ Bucket: bucket }), callOptions());
  }

  close(): void {
    this.#options.client.destroy();
    this.#options.signingClient.destroy();
  }

  #address(key: ObjectKey): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#options.bucket, Key: objectPath(key) };
  }
}

function callOptions(timeoutMs = callTimeoutMs): { readonly abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(timeoutMs) };
}

function secondsBetween(from: Date, until: Date): number {
  return Math.max(1, Math.round((until.getTime() - from.getTime()) / 1_000));
}

function isMissing(error: unknown): boolean {
  const status = (error as { readonly $metadata?: { readonly httpStatusCode?: number } } | null)?.$metadata;
  return status?.httpStatusCode === 404;
}

function storeFailed(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  return new AppError('SUBGRAPH_UNAVAILABLE', 'The object store does not answer as it should', { cause });
}
