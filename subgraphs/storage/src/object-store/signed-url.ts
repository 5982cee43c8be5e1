import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secrets } from '@tessera/service/config';
import { AppError, parseInput } from '@tessera/service/errors';
import { z } from 'zod';
import { objectPath } from './object-path.js';
import type { DownloadGrant, ObjectKey, UploadGrant } from './object-store.js';

const expiresField = z.coerce.number().int().positive();

const uploadQuerySchema = z.strictObject({
  expires: expiresField,
  type: z.string(),
  size: z.coerce.number().int().nonnegative(),
  signature: z.string(),
});

const downloadQuerySchema = z.strictObject({
  expires: expiresField,
  type: z.string(),
  name: z.string(),
  signature: z.string(),
});

/**
 * Signs and reads the URLs of the file-system store. Everything that a URL grants stands in it, and all of it is under
 * the signature (HMAC-SHA256) together with the method and the key.
 */
export class UrlSigner {
  readonly #secrets: Secrets;
  readonly #publicUrl: string;

  /**
   * @param secrets the first signs, any verifies
   * @param publicUrl how clients reach the routes under `/objects`
   */
  constructor(secrets: Secrets, publicUrl: string) {
    this.#secrets = secrets;
    this.#publicUrl = publicUrl.replace(/\/+$/, '');
  }

  uploadUrl(key: ObjectKey, { contentType, sizeBytes, expiresAt }: UploadGrant): string {
    const expires = toSeconds(expiresAt);
    const signature = this.#sign(['PUT', objectPath(key), expires, contentType, sizeBytes]).toString('base64url');
    return this.#url(key, { expires, type: contentType, size: sizeBytes, signature });
  }

  downloadUrl(key: ObjectKey, { contentType, fileName, expiresAt }: DownloadGrant): string {
    const expires = toSeconds(expiresAt);
    const signature = this.#sign(['GET', objectPath(key), expires, contentType, fileName]).toString('base64url');
    return this.#url(key, { expires, type: contentType, name: fileName, signature });
  }

  /** @throws AppError `BAD_USER_INPUT` for a URL with other parts than ours, `FORBIDDEN` where altered or expired */
  readUpload(key: ObjectKey, query: unknown, now: Date): UploadGrant {
    const { expires, type, size, signature } = parseInput(uploadQuerySchema, query);
    this.#verify(['PUT', objectPath(key), expires, type, size], signature, expires, now);
    return { contentType: type, sizeBytes: size, expiresAt: new Date(expires * 1_000) };
  }

  /** @throws AppError as {@link readUpload} */
  readDownload(key: ObjectKey, query: unknown, now: Date): DownloadGrant {
    const { expires, type, name, signature } = parseInput(downloadQuerySchema, query);
    this.#verify(['GET', objectPath(key), expires, type, name], signature, expires, now);
    return { contentType: type, fileName: name, expiresAt: new Date(expires * 1_000) };
  }

  #url(key: ObjectKey, query: Readonly<Record<string, string | number>>): string {
    const parameters = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
    return `${this.#publicUrl}/objects/${objectPath(key)}?${parameters}`;
  }

  /** JSON keeps the parts apart: no value can pretend to be two. */
  #sign(parts: readonly (string | number)[], secret = this.#secrets[0]): Buffer {
    return createHmac('sha256', secret).update(JSON.stringify(parts)).digest();
  }

  #verify(parts: readonly (string | number)[], signature: string, expires: number, now: Date): void {
    const actual = Buffer.from(signature, 'base64url');
    const isSigned = this.#secrets.some((secret) => {
      const expected = this.#sign(parts, secret);
      return actual.length === expected.length && timingSafeEqual(actual, expected);
    });
    if (!isSigned) {
      throw new AppError('FORBIDDEN', 'The signature of the URL does not match');
    }
    if (now.getTime() > expires * 1_000) throw new AppError('FORBIDDEN', 'The URL has expired');
  }
}

function toSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1_000);
}
