import type { S3Client } from '@aws-sdk/client-s3';
import type { AppendedObject, AppendState } from './object-store.js';
import type { S3Sdk } from './s3-sdk.js';

/** S3 takes no smaller parts but the last (5 MiB), and 10,000 of them: later ones are larger, so that 900 GB fit. */
const smallPartBytes = 5 * 1024 ** 2;
const largePartBytes = 100 * 1024 ** 2;
const smallParts = 1_000;
const partTimeoutMs = 120_000;
const callTimeoutMs = 10_000;

export interface MultipartOptions {
  readonly sdk: S3Sdk;
  readonly client: S3Client;
  readonly address: { readonly Bucket: string; readonly Key: string };
}

/** Begins a multipart upload. */
export async function beginMultipartObject(options: MultipartOptions): Promise<AppendedObject> {
  const { sdk, client, address } = options;
  const command = new sdk.CreateMultipartUploadCommand(address);
  const { UploadId: uploadId = '' } = await client.send(command, { abortSignal: AbortSignal.timeout(callTimeoutMs) });
  return continueMultipartObject(options, { bytes: 0, uploadId });
}

/** Continues one: the parts of the last checkpoint stay, later ones are sent again under the same numbers. */
export function continueMultipartObject(
  { sdk, client, address }: MultipartOptions,
  state: AppendState,
): AppendedObject {
  const { uploadId } = state;
  const parts = [...(state.parts ?? [])];
  let sent = state.bytes;
  let waiting: Buffer[] = [];
  let waitingBytes = 0;

  const flush = async (): Promise<void> => {
    const Body = Buffer.concat(waiting);
    const PartNumber = parts.length + 1;
    const command = new sdk.UploadPartCommand({ ...address, UploadId: uploadId, PartNumber, Body });
    const { ETag = '' } = await client.send(command, { abortSignal: AbortSignal.timeout(partTimeoutMs) });
    parts.push(ETag);
    sent += Body.length;
    [waiting, waitingBytes] = [[], 0];
  };
  const partBytes = (): number => (parts.length < smallParts ? smallPartBytes : largePartBytes);

  return {
    async append(chunk) {
      waiting.push(chunk);
      waitingBytes += chunk.length;
      // Twice a part may wait, so that a checkpoint mostly finds enough for one and puts everything away.
      if (waitingBytes >= 2 * partBytes()) await flush();
    },
    async checkpoint() {
      // What waits is in no part yet, and too small for one.
      if (waitingBytes >= partBytes()) await flush();
      if (waitingBytes > 0) return undefined;
      return { bytes: sent, parts: [...parts], ...(uploadId !== undefined && { uploadId }) };
    },
    async complete() {
      if (waitingBytes > 0 || parts.length === 0) await flush();
      const Parts = parts.map((ETag, index) => ({ ETag, PartNumber: index + 1 }));
      const command = new sdk.CompleteMultipartUploadCommand({
        ...address,
        UploadId: uploadId,
        MultipartUpload: { Parts },
      });
      await client.send(command, { abortSignal: AbortSignal.timeout(partTimeoutMs) });
      return sent;
    },
    async close() {
      [waiting, waitingBytes] = [[], 0];
    },
  };
}
