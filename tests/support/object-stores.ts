import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Health } from '@tessera/service/health';
import { createHttpServer, listen } from '@tessera/service/http';
import { Lifecycle } from '@tessera/service/lifecycle';
import { createMetrics } from '@tessera/service/metrics';
import { addObjectRoutes } from '@tessera/storage/object-routes/add-object-routes';
import type { ObjectRouteOptions } from '@tessera/storage/object-routes/route-options';
import { createObjectStore } from '@tessera/storage/object-store/create-object-store';
import { FileSystemStore } from '@tessera/storage/object-store/file-system-store';
import type { ObjectStore } from '@tessera/storage/object-store/object-store';
import { freePort } from './free-port.js';
import { quietLogger } from './leftovers.js';
import { startS3Server, type S3Server } from './s3-server.js';

/** A store on real servers of its own. */
export interface OpenedStore {
  readonly store: ObjectStore;
  close(): Promise<void>;
}

export interface OpenedFileSystemStore extends OpenedStore {
  readonly store: FileSystemStore;
  /** How many clients are connected to its routes. */
  openConnections(): Promise<number>;
}

/** Opens a store in a temporary folder, and serves its URLs. */
export async function openFileSystemStore(
  routes: Pick<ObjectRouteOptions, 'stallTimeoutMs'> = {},
): Promise<OpenedFileSystemStore> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-objects-'));
  const port = await freePort();
  const store = await createObjectStore({
    OBJECT_STORE_URL: pathToFileURL(folder).href,
    OBJECT_URL_SECRET: ['a-secret-for-signed-urls-in-tests-only'],
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    PORT: port,
    S3_ACCESS_KEY_ID: undefined,
    S3_SECRET_ACCESS_KEY: undefined,
    S3_CREATE_BUCKET: false,
  });
  if (!(store instanceof FileSystemStore)) throw new Error('A file:// URL did not open a file-system store');
  const logger = quietLogger();
  const lifecycle = new Lifecycle({ logger, drainDelayMs: 0, shutdownTimeoutMs: 5_000 });
  const metrics = createMetrics({ service: 'storage', withProcessMetrics: false });
  const server = createHttpServer({ logger, lifecycle, health: new Health(lifecycle), metrics, maxBodyBytes: 1_000 });
  await addObjectRoutes(server, {
    store,
    isAwaited: async () => true,
    addressOf: () => '127.0.0.1',
    assertReachableFrom: async () => undefined,
    now: () => new Date(),
    ...routes,
  });
  await listen(server, lifecycle, { host: '127.0.0.1', port });
  return {
    store,
    openConnections: () => promisify(server.server.getConnections.bind(server.server))(),
    close: async () => {
      await lifecycle.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Opens a bucket as the service does, beside one that has it. */
export function openBucket(
  { accessKeyId, secretAccessKey }: S3Server,
  url: string,
  isMissing = false,
): Promise<ObjectStore> {
  return createObjectStore({
    OBJECT_STORE_URL: url,
    OBJECT_URL_SECRET: undefined,
    PUBLIC_URL: undefined,
    PORT: 0,
    S3_ACCESS_KEY_ID: accessKeyId,
    S3_SECRET_ACCESS_KEY: secretAccessKey,
    S3_CREATE_BUCKET: isMissing,
  });
}

/** Opens a bucket of a server of its own. */
export async function openS3Store(): Promise<OpenedStore> {
  const server = await startS3Server();
  const url = `s3://objects?endpoint=${encodeURIComponent(server.endpoint)}&forcePathStyle=true`;
  const store = await openBucket(server, url, true);
  return {
    store,
    close: async () => {
      store.close();
      await server.stop();
    },
  };
}
