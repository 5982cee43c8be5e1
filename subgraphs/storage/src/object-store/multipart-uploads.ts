import type { S3Client } from '@aws-sdk/client-s3';
import type { S3Sdk } from './s3-sdk.js';

const callTimeoutMs = 10_000;

export interface MultipartUploadsOptions {
  readonly sdk: S3Sdk;
  readonly client: S3Client;
  readonly bucket: string;
}

/** Ends multipart uploads that are not complete, of all objects whose keys begin so: their parts show nowhere, and stay. */
export async function abortUploads({ sdk, client, bucket }: MultipartUploadsOptions, prefix: string): Promise<void> {
  for (;;) {
    // From the beginning each time: what was listed before is gone.
    const command = new sdk.ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix });
    const { Uploads: found = [] } = await client.send(command, callOptions());
    if (found.length === 0) return;
    for (const { Key, UploadId } of found) {
      await client.send(new sdk.AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }), callOptions());
    }
  }
}

/** Whether an upload can be gone on with. @throws what the store says of anything but that it is gone */
export async function hasUpload(
  { sdk, client, bucket }: MultipartUploadsOptions,
  key: string,
  uploadId: string,
): Promise<boolean> {
  try {
    const command = new sdk.ListPartsCommand({ Bucket: bucket, Key: key, UploadId: uploadId, MaxParts: 1 });
    await client.send(command, callOptions());
    return true;
  } catch (error) {
    if ((error as { readonly name?: unknown } | null)?.name === 'NoSuchUpload') return false;
    throw error;
  }
}

function callOptions(): { readonly abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(callTimeoutMs) };
}
