import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { describeWithS3, startS3Server, type S3Server } from '../../support/s3-server.js';
import { aUser } from '../../support/subgraph-harness.js';
import {
  createUpload,
  sendBytes,
  startStorageOnS3,
  storeFile,
  usageOf,
  type StorageHarness,
} from './storage-harness.js';

describeWithS3('while the S3 server is down', () => {
  let server: S3Server;
  let harness: StorageHarness;

  beforeAll(async () => {
    server = await startS3Server();
    harness = await startStorageOnS3(server);
  }, 60_000);

  afterAll(() => harness.stop(), 30_000);

  async function readiness(): Promise<unknown> {
    return (await fetch(`${harness.url}/ready`)).json();
  }

  test('files are listed and deleted, completing says what is wrong, and all is well afterwards', async () => {
    const caller = aUser({ tenantId: randomUUID() });
    const stored = await storeFile(harness, caller, { body: randomBytes(10) });
    const { file, upload } = await createUpload(harness, caller, { size: 5 });
    await sendBytes(upload, randomBytes(5));
    const complete = () =>
      harness.request(caller, 'mutation ($id: ID!) { completeUpload(fileId: $id) { status } }', file);
    await server.kill9();

    const list = await harness.request(caller, '{ files { nodes { id } } }');
    const refused = await complete();
    const deleted = await harness.request(caller, 'mutation ($id: ID!) { deleteFile(id: $id) { status } }', {
      id: stored,
    });
    const usage = await usageOf(harness, caller);
    const down = await readiness();
    await server.restart();
    const completed = await complete();

    expect(list.data.files.nodes).toEqual([{ id: stored }]);
    expect(refused.errors?.[0]?.extensions.code).toBe('SUBGRAPH_UNAVAILABLE');
    expect(deleted.data.deleteFile.status).toBe('DELETED');
    expect(usage).toMatchObject({ bytes: 5, files: 1 });
    expect(down).toMatchObject({ ready: true, checks: { objects: 'down' } });
    expect(completed.data.completeUpload.status).toBe('READY');
    await eventually(async () => JSON.stringify(await readiness()).includes('"objects":"up"'));
  }, 30_000);
});
