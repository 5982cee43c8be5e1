import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { withDatabase } from '@tessera/service/database';
import { createDomainEvent, type DomainEvent } from '@tessera/service/events';
import { erasureCompletedEventType, erasureStartedEventType } from '@tessera/service/personal-data';
import type { ObjectStore } from '@tessera/storage/object-store/object-store';
import { eventually } from '../../support/eventually.js';
import { openBucket } from '../../support/object-stores.js';
import { runSql } from '../../support/postgres-server.js';
import { describeWithS3, startS3Server } from '../../support/s3-server.js';
import { aUser } from '../../support/subgraph-harness.js';
import { createUpload, sendBytes, startStorageOnS3, type StorageHarness } from './storage-harness.js';

describeWithS3('the objects of an erased tenant on an S3 server', () => {
  let harness: StorageHarness;
  let store: ObjectStore;
  const completed: DomainEvent[] = [];

  beforeAll(async () => {
    const server = await startS3Server();
    harness = await startStorageOnS3(server, { UPLOAD_LIFETIME_SECONDS: '86400' });
    await harness.eventBus.subscribe({
      consumer: 'test',
      types: [erasureCompletedEventType],
      handle: async (event) => void completed.push(event),
    });
    store = await openBucket(server, `s3://files?forcePathStyle=true&endpoint=${encodeURIComponent(server.endpoint)}`);
  }, 60_000);

  afterAll(async () => {
    store.close();
    await harness.stop();
  }, 30_000);

  const sql = (statement: string) => runSql(withDatabase(harness.adminUrl, 'tessera_storage'), statement);

  const waitingPasses = (erasureId: string) =>
    sql(
      `select id, extract(epoch from start_after - now())::int as seconds from jobs.job
       where data ->> 'erasureId' = '${erasureId}' and state in ('created', 'active', 'retry') order by start_after`,
    );

  /** Lets the next pass, which waits for hours, begin now; resolves when it is over. */
  async function hastenNextPass(erasureId: string): Promise<void> {
    const [next] = await waitingPasses(erasureId);
    await sql(`update jobs.job set start_after = now() where id = '${String(next?.['id'])}'`);
    await eventually(async () => !(await waitingPasses(erasureId)).some(({ id }) => id === next?.['id']), 30_000);
  }

  test('are gone at last, also those that came by upload URLs of before, for as long as these are good', async () => {
    const caller = aUser({ tenantId: randomUUID() });
    const [deleted, pending] = [
      await createUpload(harness, caller, { size: 5 }),
      await createUpload(harness, caller, { size: 5 }),
    ];
    await harness.request(caller, 'mutation ($id: ID!) { deleteFile(id: $id) { id } }', deleted.file);
    const keys = [deleted, pending].map(({ file }) => ({ tenantId: caller.tenantId ?? '', fileId: file.id }));
    const sizes = () => Promise.all(keys.map((key) => store.sizeOf(key)));

    const erasureId = randomUUID();
    const payload = { erasureId, subject: { kind: 'tenant', id: caller.tenantId ?? '' } };
    await harness.deliver(createDomainEvent({ type: erasureStartedEventType, payload }));
    await eventually(() => completed.some((event) => event.payload['erasureId'] === erasureId), 30_000);
    await hastenNextPass(erasureId);
    const arrived = await Promise.all([deleted, pending].map(({ upload }) => sendBytes(upload, randomBytes(5))));
    const late = await sizes();
    const [lastPass] = await waitingPasses(erasureId);
    await hastenNextPass(erasureId);

    expect(arrived.map(({ status }) => status)).toEqual([200, 200]);
    expect(late).toEqual([5, 5]);
    expect(lastPass?.['seconds']).toBeGreaterThan(86_400);
    expect(await sizes()).toEqual([undefined, undefined]);
    expect(await waitingPasses(erasureId)).toEqual([]);
  }, 120_000);
});
