import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openDatabase } from '@tessera/service/database';
import { servicePrincipal, type Principal } from '@tessera/service/identity';
import { DataScope } from '@tessera/service/tenancy';
import { cleanUp, type CleanUpOptions } from '@tessera/storage/cleanup/clean-up';
import { ObjectRemoval } from '@tessera/storage/cleanup/object-removal';
import type { ObjectStore } from '@tessera/storage/object-store/object-store';
import { storageSubgraph } from '@tessera/storage/subgraph';
import { quietLogger } from '../../support/leftovers.js';
import { openBucket } from '../../support/object-stores.js';
import { startRelay, type Relay } from '../../support/relay.js';
import { describeWithS3, startS3Server, type S3Server } from '../../support/s3-server.js';
import { aUser } from '../../support/subgraph-harness.js';
import { createUpload, sendBytes, startStorageOnS3, storeFile, type StorageHarness } from './storage-harness.js';

const deleteMutation = 'mutation ($id: ID!) { deleteFile(id: $id) { status } }';

describeWithS3('the object of a deleted file on an S3 server', () => {
  let server: S3Server;
  let relay: Relay;
  let harness: StorageHarness;
  let orm: MikroORM;
  let store: ObjectStore;

  beforeAll(async () => {
    server = await startS3Server();
    relay = await startRelay(Number(new URL(server.endpoint).port));
    // The service reaches it by the relay, clients and this test directly.
    const url = `s3://files?forcePathStyle=true&publicEndpoint=${encodeURIComponent(server.endpoint)}`;
    const relayed = `${url}&endpoint=${encodeURIComponent(`http://127.0.0.1:${relay.port}`)}`;
    harness = await startStorageOnS3(server, { OBJECT_STORE_URL: relayed });
    orm = openDatabase({ ...storageSubgraph, url: harness.databaseUrl, poolMax: 4, logger: quietLogger() });
    store = await openBucket(server, `${url}&endpoint=${encodeURIComponent(server.endpoint)}`);
  }, 60_000);

  afterAll(async () => {
    store.close();
    await orm.close();
    await harness.stop();
    await relay.close();
  }, 30_000);

  const aMember = () => aUser({ tenantId: randomUUID() });
  const keyOf = ({ tenantId = '' }: Principal, fileId: string) => ({ tenantId, fileId });

  /** One round of another instance, at some later time. */
  function cleanUpAfter(minutes: number): Promise<unknown> {
    const now = () => new Date(Date.now() + minutes * 60_000);
    const serviceScope: CleanUpOptions['serviceScope'] = (tenantId) => new DataScope(orm, servicePrincipal(tenantId));
    const removal = new ObjectRemoval({ store, logger: quietLogger(), serviceScope, now });
    return cleanUp({ store, removal, serviceScope, now });
  }

  test('has no bytes at once, and is gone once its upload URL is over', async () => {
    const caller = aMember();
    const id = await storeFile(harness, caller, { body: randomBytes(10) });
    await harness.request(caller, deleteMutation, { id });
    const atOnce = await store.sizeOf(keyOf(caller, id));

    await cleanUpAfter(119);
    const before = await store.sizeOf(keyOf(caller, id));
    await cleanUpAfter(121);

    expect([atOnce, before]).toEqual([0, 0]);
    expect(await store.sizeOf(keyOf(caller, id))).toBeUndefined();
  });

  test('cannot come by an upload after the file was deleted', async () => {
    const caller = aMember();
    const { file, upload } = await createUpload(harness, caller, { size: 5 });
    await harness.request(caller, deleteMutation, file);

    const late = await sendBytes(upload, randomBytes(5));

    expect(late.status).toBe(412);
    expect(await store.sizeOf(keyOf(caller, file.id))).toBe(0);
  });

  test('keeps nobody waiting whose file is deleted while the store hangs, and goes as soon as it is well', async () => {
    const caller = aMember();
    const id = await storeFile(harness, caller, { body: randomBytes(10) });
    const hanging = createServer((socket) => void socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(hanging, 'listening');
    relay.leadTo((hanging.address() as AddressInfo).port);
    relay.cut();
    // The answer is there while the store is still being waited for, by whoever asks it something else.
    const completing = createUpload(harness, caller, { size: 5 }).then(({ file }) =>
      harness
        .request(caller, 'mutation ($id: ID!) { completeUpload(fileId: $id) { id } }', file)
        .then(() => 'complete'),
    );
    const deleting = harness.request(caller, deleteMutation, { id }).then(() => 'deleted');

    const first = await Promise.race([completing, deleting]);
    await completing;
    relay.leadTo(Number(new URL(server.endpoint).port));
    relay.cut();
    hanging.close();
    const waiting = await store.sizeOf(keyOf(caller, id));
    await cleanUpAfter(11);

    expect(first).toBe('deleted');
    expect(waiting).toBe(10);
    expect(await store.sizeOf(keyOf(caller, id))).toBe(0);
  }, 60_000);
});
