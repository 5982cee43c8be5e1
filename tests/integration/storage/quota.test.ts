import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createInProcessCache } from '@tessera/service/cache';
import { withClient, withDatabase } from '@tessera/service/database';
import { createDomainEvent, createInProcessEventBus, type DomainEvent } from '@tessera/service/events';
import type { Principal } from '@tessera/service/identity';
import { quotaWarningEventType, tenantLimitsEventType } from '@tessera/service/quotas';
import { createInProcessPubSubHub } from '@tessera/service/pubsub';
import { createSubgraph, type CreatedSubgraph } from '@tessera/service/subgraph';
import { storageSubgraph } from '@tessera/storage/subgraph';
import { deadlocksOf } from '../../support/deadlocks.js';
import { eventually } from '../../support/eventually.js';
import { quietLogger } from '../../support/leftovers.js';
import { aUser, principalSecret, sendSigned, type GraphqlAnswer } from '../../support/subgraph-harness.js';
import { whenLetIn } from '../../support/when-let-in.js';
import { createUpload, startStorage, storeFile, usageOf, type StorageHarness } from './storage-harness.js';

let harness: StorageHarness;
let otherInstance: CreatedSubgraph;
let otherUrl: string;
const warnings: DomainEvent[] = [];

beforeAll(async () => {
  harness = await startStorage({ DEFAULT_QUOTA_BYTES: '1000' });
  // Either instance may relay what the other has written.
  const otherBus = createInProcessEventBus({ logger: quietLogger() });
  for (const bus of [harness.eventBus, otherBus]) {
    await bus.subscribe({
      consumer: 'test',
      types: [quotaWarningEventType],
      handle: async (event) => void warnings.push(event),
    });
  }
  otherInstance = await createSubgraph(storageSubgraph, {
    environment: {
      ...harness.environment,
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: harness.databaseUrl,
      PRINCIPAL_SECRET: principalSecret,
      LOG_LEVEL: 'silent',
      DRAIN_DELAY_MS: '0',
    },
    adapters: {
      cache: createInProcessCache(),
      pubSub: createInProcessPubSubHub(),
      eventBus: otherBus,
    },
  });
  otherUrl = `http://127.0.0.1:${await otherInstance.start()}/graphql`;
}, 60_000);

afterAll(async () => {
  await otherInstance.stop();
  await harness.stop();
}, 30_000);

const aMember = () => aUser({ tenantId: randomUUID() });

const limitsEvent = (tenantId: string | undefined, version: number, storageBytes: number | null): DomainEvent =>
  createDomainEvent({
    type: tenantLimitsEventType,
    tenantId: tenantId ?? '',
    payload: {
      version,
      plan: 'some',
      limits: { apiCallsPerMonth: null, activeUsersPerMonth: null, eventsPerMonth: null, storageBytes },
    },
  });

const sql = (text: string, ...values: readonly unknown[]) =>
  withClient(withDatabase(harness.adminUrl, 'tessera_storage'), (client) => client.query(text, [...values]));

const upload = (size: number): string =>
  `mutation { createUpload(input: { name: "a", contentType: "text/plain", size: ${size} }) { file { id } } }`;

/** Sends the same operation many times at once, to both instances in turn. */
function sendToBoth(caller: Principal, query: string, count: number): Promise<GraphqlAnswer<unknown>[]> {
  const urls = [`${harness.url}/graphql`, otherUrl];
  return Promise.all(
    Array.from({ length: count }, (_none, index) =>
      whenLetIn(() => sendSigned({ subgraph: 'storage', url: urls[index % 2] ?? otherUrl }, caller, query)),
    ),
  );
}

describe('a tenant whose space runs out', () => {
  const warningsOf = ({ tenantId }: Principal) => warnings.filter((event) => event.tenantId === tenantId);

  test('is warned at 80% and when it is full, once, however many uploads over two instances get there', async () => {
    const caller = aMember();
    const calm = aMember();
    await createUpload(harness, calm, { size: 799 });

    await sendToBoth(caller, upload(50), 40);
    await eventually(() => warningsOf(caller).length > 1);
    // After these, so that whatever else was written before them has been told.
    const last = aMember();
    await createUpload(harness, last, { size: 1_000 });
    await eventually(() => warningsOf(last).length > 0);

    const common = { meter: 'STORAGE_BYTES', limit: 1_000, period: null, resetsAt: null };
    // Two instances may relay them in any order.
    const payloads = warningsOf(caller).map(({ payload }) => payload);
    expect(payloads.toSorted((one, other) => Number(one['percent']) - Number(other['percent']))).toEqual([
      { ...common, percent: 80, used: 800 },
      { ...common, percent: 100, used: 1_000 },
    ]);
    expect(warningsOf(calm)).toEqual([]);
  }, 120_000);

  test('is warned again in another month, and of another quota, also of one that comes with a smaller plan', async () => {
    const caller = aMember();
    const { file } = await createUpload(harness, caller, { size: 850 });
    await eventually(() => warningsOf(caller).length === 1);

    await harness.request(caller, `mutation { deleteFile(id: "${file.id}") { id } }`);
    await createUpload(harness, caller, { size: 50 });
    await sql(`update quota_warning set month = month - interval '1 month' where tenant_id = $1`, caller.tenantId);
    await createUpload(harness, caller, { size: 750 });
    await eventually(() => warningsOf(caller).length === 2);
    await harness.deliver(limitsEvent(caller.tenantId, 1, 900));
    await harness.deliver(limitsEvent(caller.tenantId, 1, 900));
    await eventually(() => warningsOf(caller).length === 3);

    expect(warningsOf(caller).map(({ payload: { percent, used, limit } }) => ({ percent, used, limit }))).toEqual([
      { percent: 80, used: 850, limit: 1_000 },
      { percent: 80, used: 800, limit: 1_000 },
      { percent: 80, used: 800, limit: 900 },
    ]);
  }, 120_000);
});

describe('the quota of a tenant', () => {
  test('lets one of a hundred uploads in where there is room for one', async () => {
    const caller = aMember();

    const answers = await sendToBoth(caller, upload(600), 100);

    const codes = answers.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions.code));
    expect(codes).toHaveLength(99);
    expect(new Set(codes)).toEqual(new Set(['QUOTA_EXCEEDED']));
    expect(await usageOf(harness, caller)).toEqual({ bytes: 600, files: 1, quotaBytes: 1_000 });
    expect(await deadlocksOf('storage', harness)).toBe(0);
  }, 120_000);

  test('is filled to the last byte, and then says what is left', async () => {
    const caller = aMember();
    await createUpload(harness, caller, { size: 400 });
    await createUpload(harness, caller, { size: 600 });

    const answer = await harness.request(caller, upload(1));

    expect(answer.errors?.[0]?.extensions).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      details: {
        ...{ requestedBytes: 1, availableBytes: 0, quotaBytes: 1_000 },
        ...{ meter: 'STORAGE_BYTES', limit: 1_000, used: 1_000, resetsAt: null },
      },
    });
  });

  test('is not used by other tenants', async () => {
    await createUpload(harness, aMember(), { size: 1_000 });

    const answer = await harness.request(aMember(), upload(1_000));

    expect(answer.errors).toBeUndefined();
  });

  test('is right after uploads and deletions at the same time', async () => {
    const caller = aMember();
    const ids = await Promise.all([1, 2, 3, 4].map(() => storeFile(harness, caller, { body: randomBytes(100) })));

    await Promise.all([
      ...ids.map((id) => harness.request(caller, `mutation { deleteFile(id: "${id}") { id } }`)),
      sendToBoth(caller, upload(50), 8),
    ]);

    expect(await usageOf(harness, caller)).toMatchObject({ bytes: 400, files: 8 });
  });

  test('is what the plan says, for a hundred uploads at once too, and a larger plan makes room', async () => {
    const caller = aMember();
    await harness.deliver(limitsEvent(caller.tenantId, 1, 3_000));

    const answers = await sendToBoth(caller, upload(1_000), 100);
    await harness.deliver(limitsEvent(caller.tenantId, 2, 4_000));
    const later = await harness.request(caller, upload(1_000));

    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(3);
    expect(later.errors).toBeUndefined();
    expect(await usageOf(harness, caller)).toEqual({ bytes: 4_000, files: 4, quotaBytes: 4_000 });
  }, 120_000);

  test('is the common one where the plan has none, and a tenant’s own goes before both', async () => {
    const caller = aMember();
    await harness.deliver(limitsEvent(caller.tenantId, 1, 5_000));
    await sql('update storage_usage set quota_bytes = 10 where tenant_id = $1', caller.tenantId);
    const ofItsOwn = await usageOf(harness, caller);
    await sql('update storage_usage set quota_bytes = null where tenant_id = $1', caller.tenantId);
    await harness.deliver(limitsEvent(caller.tenantId, 2, null));

    expect(ofItsOwn.quotaBytes).toBe(10);
    expect((await usageOf(harness, caller)).quotaBytes).toBe(1_000);
  });

  test('is not changed by an announcement that comes late or again', async () => {
    const caller = aMember();
    const [first, second] = [limitsEvent(caller.tenantId, 1, 2_000), limitsEvent(caller.tenantId, 2, 3_000)];

    for (const event of [second, first, second]) await harness.deliver(event);

    expect((await usageOf(harness, caller)).quotaBytes).toBe(3_000);
  });
});

test('what a person stores is told to them and to who manages members, of the active tenant alone, in one query', async () => {
  const { tenantId = '' } = aMember();
  const admin = aUser({ tenantId, role: 'TENANT_ADMIN' });
  const [member, colleague] = [aUser({ tenantId }), aUser({ tenantId })];
  await createUpload(harness, member, { size: 100 });
  const gone = await createUpload(harness, member, { size: 50 });
  await harness.request(member, `mutation { deleteFile(id: "${gone.file.id}") { id } }`);
  await createUpload(harness, aUser({ userId: member.userId, tenantId: randomUUID() }), { size: 7 });
  const query = `query ($people: [_Any!]!) { _entities(representations: $people) { ... on User { storageUsed { bytes files } } } }`;
  const people = [member, colleague, admin].map(({ userId }) => ({ __typename: 'User', id: userId }));
  const ask = async (caller: Principal) => {
    const { data } = await harness.request(caller, query, { people });
    return data._entities.map(({ storageUsed }: { storageUsed: object | null }) => storageUsed);
  };

  harness.forgetQueries();
  const seenByAdmin = await ask(admin);
  const reads = harness.queries.filter((text) => text.includes('from file'));

  const [some, none] = [
    { bytes: 100, files: 1 },
    { bytes: 0, files: 0 },
  ];
  expect(seenByAdmin).toEqual([some, none, none]);
  expect(reads).toHaveLength(1);
  expect(await ask(member)).toEqual([some, null, null]);
  expect(await ask(colleague)).toEqual([null, none, null]);
  expect(await ask(aUser({ tenantId: randomUUID(), role: 'TENANT_ADMIN' }))).toEqual([none, none, none]);
  expect(await ask(aUser({ userId: member.userId }))).toEqual([null, null, null]);
});
