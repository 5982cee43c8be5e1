import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { StartError } from '@tessera/service/errors';
import { S3Store } from './s3-store.js';
import { loadS3Sdk, type S3Sdk } from './s3-sdk.js';

export interface S3Address {
  readonly bucket: string;
  readonly endpoint?: string | undefined;
  /** Where clients reach the same store, if not at `endpoint`. */
  readonly publicEndpoint?: string | undefined;
  readonly region: string;
  readonly forcePathStyle: boolean;
}

export interface S3Options extends S3Address {
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  readonly createBucket: boolean;
}

const setupTimeoutMs = 15_000;

/** Opens a bucket. Nothing is called over the network unless the bucket may have to be created. */
export async function openS3Store(options: S3Options): Promise<S3Store> {
  const sdk = await loadS3Sdk();
  const { bucket, endpoint, publicEndpoint, createBucket } = options;
  const client = new sdk.S3Client(clientConfig(options, endpoint));
  const signingClient = new sdk.S3Client(clientConfig(options, publicEndpoint ?? endpoint));
  const store = new S3Store({ sdk, bucket, client, signingClient });
  if (createBucket) await ensureBucket(sdk, store, options);
  return store;
}

function clientConfig(
  { region, forcePathStyle, credentials }: S3Options,
  endpoint: string | undefined,
): S3ClientConfig {
  return {
    region,
    forcePathStyle,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000 },
    // Checksums that the SDK adds by default would have to be computed by every client of a signed URL.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}

/**
 * Several instances may start at once: whoever comes second finds the bucket made, which is all that it wanted.
 *
 * @throws StartError where it is not there and cannot be made
 */
async function ensureBucket(sdk: S3Sdk, store: S3Store, options: S3Options): Promise<void> {
  const { bucket, endpoint } = options;
  const isThere = await store.check().then(
    () => true,
    () => false,
  );
  if (isThere) return;
  const client = new sdk.S3Client(clientConfig(options, endpoint));
  const abortSignal = AbortSignal.timeout(setupTimeoutMs);
  try {
    await client.send(new sdk.CreateBucketCommand({ Bucket: bucket }), { abortSignal }).catch(ignoreExisting);
    await client.send(new sdk.PutBucketCorsCommand(browserAccess(bucket)), { abortSignal });
  } catch (error) {
    const { name, message } = error as Error;
    const place = endpoint === undefined ? 'AWS' : new URL(endpoint).host;
    throw new StartError(
      `OBJECT_STORE_URL: bucket ${bucket} at ${place} cannot be made (S3_CREATE_BUCKET): ${message || name}`,
      { cause: error },
    );
  } finally {
    client.destroy();
  }
}

function ignoreExisting(error: unknown): void {
  const { name } = error as Error;
  if (name !== 'BucketAlreadyOwnedByYou' && name !== 'BucketAlreadyExists') throw error;
}

/** Front ends upload from any origin: the signed URL is the right, no cookie is. */
function browserAccess(bucket: string): ConstructorParameters<S3Sdk['PutBucketCorsCommand']>[0] {
  const rule = {
    AllowedOrigins: ['*'],
    AllowedMethods: ['GET', 'HEAD', 'PUT'],
    AllowedHeaders: ['*'],
    ExposeHeaders: ['ETag', 'Content-Range'],
    MaxAgeSeconds: 86_400,
  };
  return { Bucket: bucket, CORSConfiguration: { CORSRules: [rule] } };
}
