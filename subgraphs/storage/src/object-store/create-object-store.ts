import { fileURLToPath } from 'node:url';
import { ConfigError } from '@tessera/service/config';
import { z } from 'zod';
import type { StorageConfig } from '../config.js';
import { FileSystemStore } from './file-system-store.js';
import type { ObjectStore } from './object-store.js';
import { openS3Store, type S3Options } from './open-s3-store.js';
import { UrlSigner } from './signed-url.js';

export type ObjectStoreConfig = Pick<
  StorageConfig,
  | 'OBJECT_STORE_URL'
  | 'OBJECT_URL_SECRET'
  | 'PUBLIC_URL'
  | 'PORT'
  | 'S3_ACCESS_KEY_ID'
  | 'S3_SECRET_ACCESS_KEY'
  | 'S3_CREATE_BUCKET'
>;

const s3QuerySchema = z.strictObject({
  endpoint: z.url().optional(),
  publicEndpoint: z.url().optional(),
  region: z.string().min(1).default('us-east-1'),
  forcePathStyle: z.enum(['true', 'false']).default('false'),
});

/** @throws ConfigError naming what is wrong with the store's settings */
export async function createObjectStore(config: ObjectStoreConfig): Promise<ObjectStore> {
  const url = URL.parse(config.OBJECT_STORE_URL);
  if (url?.protocol === 's3:') return openS3Store(readS3Options(config, url));
  if (url?.protocol === 'file:') {
    const { OBJECT_URL_SECRET, PUBLIC_URL, PORT } = config;
    if (OBJECT_URL_SECRET === undefined) throw new ConfigError(['OBJECT_URL_SECRET: required for a file:// store']);
    return FileSystemStore.open(
      fileURLToPath(url),
      new UrlSigner(OBJECT_URL_SECRET, PUBLIC_URL ?? `http://localhost:${PORT}`),
    );
  }
  throw new ConfigError(['OBJECT_STORE_URL: must begin with file:// or s3://']);
}

function readS3Options(config: ObjectStoreConfig, url: URL): S3Options {
  const { S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, S3_CREATE_BUCKET } = config;
  const query = s3QuerySchema.safeParse(Object.fromEntries(url.searchParams));
  const faults = query.success
    ? []
    : query.error.issues.map(({ path, message }) => `OBJECT_STORE_URL: ${path.join('.')} ${message}`);
  if (url.hostname === '') faults.push('OBJECT_STORE_URL: names no bucket');
  if ((S3_ACCESS_KEY_ID === undefined) !== (S3_SECRET_ACCESS_KEY === undefined)) {
    faults.push('S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY: set both or neither');
  }
  if (!query.success || faults.length > 0) throw new ConfigError(faults);
  const hasKey = S3_ACCESS_KEY_ID !== undefined && S3_SECRET_ACCESS_KEY !== undefined;
  return {
    ...query.data,
    bucket: url.hostname,
    forcePathStyle: query.data.forcePathStyle === 'true',
    createBucket: S3_CREATE_BUCKET,
    credentials: hasKey ? { accessKeyId: S3_ACCESS_KEY_ID, secretAccessKey: S3_SECRET_ACCESS_KEY } : undefined,
  };
}
