import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Principal } from '@tessera/service/identity';
import { storageSubgraph } from '@tessera/storage/subgraph';
import { freePort } from '../../support/free-port.js';
import { startS3Server, type S3Server } from '../../support/s3-server.js';
import { startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';

export interface StorageHarness extends SubgraphHarness {
  /** What the service was started with, for another instance of it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where objects are; of the file-system store only. */
  readonly folder: string;
}

/** Starts storage over a file-system store in a temporary folder. */
export async function startStorage(settings: Readonly<Record<string, string>> = {}): Promise<StorageHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-storage-'));
  const port = await freePort();
  const environment = {
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    OBJECT_STORE_URL: pathToFileURL(folder).href,
    OBJECT_URL_SECRET: 'a-secret-for-signed-urls-in-tests-only',
    ...settings,
  };
  const harness = await startSubgraphHarness(storageSubgraph, { environment });
  const stopSubgraph = harness.stop;
  const stop = async (): Promise<void> => {
    await stopSubgraph();
    await rm(folder, { recursive: true });
  };
  return Object.assign(harness, { environment, folder, stop });
}

/** Starts storage over a real S3 server, which ends with it. */
export async function startStorageOnS3(
  given?: S3Server,
  settings: Readonly<Record<string, string>> = {},
): Promise<StorageHarness> {
  const server = given ?? (await startS3Server());
  const environment = {
    OBJECT_STORE_URL: `s3://files?endpoint=${encodeURIComponent(server.endpoint)}&forcePathStyle=true`,
    S3_ACCESS_KEY_ID: server.accessKeyId,
    S3_SECRET_ACCESS_KEY: server.secretAccessKey,
    S3_CREATE_BUCKET: 'true',
    ...settings,
  };
  const harness = await startSubgraphHarness(storageSubgraph, { environment });
  const stopSubgraph = harness.stop;
  const stop = async (): Promise<void> => {
    await stopSubgraph();
    await server.stop();
  };
  return Object.assign(harness, { environment, folder: '', stop });
}

export interface CreatedUpload {
  readonly file: { readonly id: string; readonly status: string };
  readonly upload: {
    readonly url: string;
    readonly method: string;
    readonly headers: readonly { readonly name: string; readonly value: string }[];
  };
}

const createUploadMutation = `mutation ($input: CreateUploadInput!) {
  createUpload(input: $input) { file { id status } upload { url method headers { name value } expiresAt } }
}`;

/** Asks for an upload as a client does. */
export async function createUpload(
  harness: SubgraphHarness,
  caller: Principal,
  input: { readonly size: number; readonly name?: string; readonly contentType?: string; readonly bucket?: string },
): Promise<CreatedUpload> {
  const answer = await harness.request<{ createUpload: CreatedUpload }>(caller, createUploadMutation, {
    input: { name: 'a.bin', contentType: 'application/octet-stream', ...input },
  });
  if (answer.data?.createUpload === undefined) throw new Error(JSON.stringify(answer.errors));
  return answer.data.createUpload;
}

/** Sends bytes to where the mutation said, as it said. */
export function sendBytes(
  { url, method, headers }: CreatedUpload['upload'],
  body: Uint8Array<ArrayBuffer>,
  changedHeaders: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const granted = Object.fromEntries(headers.map(({ name, value }) => [name, value]));
  return fetch(url, { method, body, headers: { ...granted, ...changedHeaders } });
}

/** Uploads and completes a file. @returns its id */
export async function storeFile(
  harness: SubgraphHarness,
  caller: Principal,
  { body, ...input }: { readonly body: Uint8Array<ArrayBuffer> } & Omit<Parameters<typeof createUpload>[2], 'size'>,
): Promise<string> {
  const { file, upload } = await createUpload(harness, caller, { size: body.length, ...input });
  await sendBytes(upload, body);
  const answer = await harness.request(caller, 'mutation ($id: ID!) { completeUpload(fileId: $id) { status } }', file);
  if (answer.data?.completeUpload?.status !== 'READY') throw new Error(JSON.stringify(answer.errors));
  return file.id;
}

export interface Usage {
  readonly bytes: number;
  readonly files: number;
  readonly quotaBytes: number;
}

/** How much the caller's tenant stores, as another subgraph's reference to it shows. */
export async function usageOf(harness: SubgraphHarness, caller: Principal): Promise<Usage> {
  const answer = await harness.request(
    caller,
    `query ($id: ID!) {
      _entities(representations: [{ __typename: "Tenant", id: $id }]) {
        ... on Tenant { storageUsage { bytes files quotaBytes } }
      }
    }`,
    { id: caller.tenantId },
  );
  return answer.data._entities[0].storageUsage;
}

/** All files under the store's folder, finished or not. */
export async function listObjects({ folder }: StorageHarness): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}
