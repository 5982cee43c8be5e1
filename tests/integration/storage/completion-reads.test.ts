import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startRelay, type Relay } from '../../support/relay.js';
import { describeWithS3, startS3Server } from '../../support/s3-server.js';
import { aUser } from '../../support/subgraph-harness.js';
import { createUpload, sendBytes, startStorageOnS3, type StorageHarness } from './storage-harness.js';

describeWithS3('completing an upload to an S3 server', () => {
  let relay: Relay;
  let harness: StorageHarness;
  let sent = '';

  beforeAll(async () => {
    const server = await startS3Server();
    relay = await startRelay(Number(new URL(server.endpoint).port), () => (chunk) => void (sent += chunk.toString()));
    const endpoint = encodeURIComponent(`http://127.0.0.1:${relay.port}`);
    const publicEndpoint = encodeURIComponent(server.endpoint);
    harness = await startStorageOnS3(server, {
      OBJECT_STORE_URL: `s3://files?endpoint=${endpoint}&publicEndpoint=${publicEndpoint}&forcePathStyle=true`,
    });
  }, 60_000);

  afterAll(async () => {
    await harness.stop();
    await relay.close();
  }, 30_000);

  test('reads the object once, however often it is asked for', async () => {
    const caller = aUser({ tenantId: randomUUID() });
    const body = randomBytes(4 * 1024 ** 2);
    const { file, upload } = await createUpload(harness, caller, { size: body.length });
    await sendBytes(upload, body);
    const query = 'mutation ($id: ID!) { completeUpload(fileId: $id) { status } }';

    const answers = await Promise.all(Array.from({ length: 6 }, () => harness.request(caller, query, file)));

    expect(answers.map(({ data }) => data.completeUpload.status)).toEqual(Array(6).fill('READY'));
    const readings = sent.split('\r\n').filter((line) => line.startsWith('GET ') && line.includes(file.id));
    expect(readings).toHaveLength(1);
  });
});
