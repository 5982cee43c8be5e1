import { randomBytes, randomUUID } from 'node:crypto';
import type { ObjectKey, ObjectStore, UploadTarget } from '@tessera/storage/object-store/object-store';

export const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1_000);

export const aKey = (tenantId: string = randomUUID()): ObjectKey => ({ tenantId, fileId: randomUUID() });

/** What a client does otherwise than it was granted. */
export interface Change {
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
}

/** Uploads as a client does: by what it was told alone. */
export function upload(
  { url, method, headers }: UploadTarget,
  change: Change & { readonly body: Uint8Array<ArrayBuffer> },
): Promise<Response> {
  const granted = Object.fromEntries(headers.map(({ name, value }) => [name, value]));
  return fetch(url, { method, body: change.body, headers: { ...granted, ...change.headers } });
}

/** Puts an object into a store by an upload. */
export async function storeObject(
  store: ObjectStore,
  key: ObjectKey,
  body = randomBytes(5),
  contentType = 'text/plain',
): Promise<Response> {
  const target = await store.createUploadTarget(key, {
    contentType,
    sizeBytes: body.length,
    expiresAt: inSeconds(60),
  });
  return upload(target, { body });
}
