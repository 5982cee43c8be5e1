import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runSql } from '../../support/postgres-server.js';
import { answerAlike } from '../../support/same-work.js';
import { anonymous, aUser } from '../../support/subgraph-harness.js';
import { createUpload, startStorage, storeFile, usageOf, type StorageHarness } from './storage-harness.js';

let harness: StorageHarness;

beforeAll(async () => {
  harness = await startStorage();
}, 60_000);

afterAll(() => harness.stop());

const aMember = () => aUser({ tenantId: randomUUID() });

describe('files of another tenant', () => {
  test.each([
    ['file', 'query ($id: ID!) { file(id: $id) { id } }'],
    ['completeUpload', 'mutation ($id: ID!) { completeUpload(fileId: $id) { id } }'],
    ['updateFile', 'mutation ($id: ID!) { updateFile(input: { id: $id, name: "theirs" }) { id } }'],
    ['deleteFile', 'mutation ($id: ID!) { deleteFile(id: $id) { id } }'],
  ])('are for %s the same as files that do not exist', async (_name, query) => {
    const owner = aMember();
    const ids = [
      await storeFile(harness, owner, { body: randomBytes(10) }),
      (await createUpload(harness, owner, { size: 5 })).file.id,
      randomUUID(),
      'no-uuid',
    ];

    const answers = await Promise.all(ids.map((id) => harness.request(aMember(), query, { id })));

    const errors = answers.map(({ errors: [error] = [] }) => ({
      message: error?.message,
      code: error?.extensions.code,
    }));
    expect(errors).toEqual(ids.map(() => ({ message: 'File was not found', code: 'NOT_FOUND' })));
    expect(await usageOf(harness, owner)).toMatchObject({ bytes: 15, files: 2 });
  });

  test.each([
    'query ($id: ID!) { file(id: $id) { id } }',
    'mutation ($id: ID!) { completeUpload(fileId: $id) { id } }',
    'mutation ($id: ID!) { updateFile(input: { id: $id, name: "theirs" }) { id } }',
    'mutation ($id: ID!) { deleteFile(id: $id) { id } }',
    'query ($id: ID!) { dataExport(id: $id) { id } }',
    'query ($id: ID!) { _entities(representations: [{ __typename: "File", id: $id }]) { ... on File { name } } }',
    'query ($id: ID!) { _entities(representations: [{ __typename: "Tenant", id: $id }]) { ... on Tenant { storageUsage { bytes } } } }',
  ])('cost what files cost that are nobody’s: %s', async (query) => {
    const owner = aMember();
    const fileId = await storeFile(harness, owner, { body: randomBytes(10) });

    const { data } = await answerAlike(
      harness,
      aMember(),
      query,
      query.includes('Tenant') ? (owner.tenantId ?? '') : fileId,
    );

    expect(JSON.stringify(data ?? null)).not.toMatch(/a\.bin|bytes":1/);
  });

  test('are null where another subgraph refers to them', async () => {
    const owner = aMember();
    const id = await storeFile(harness, owner, { body: randomBytes(10) });
    const query =
      'query ($id: ID!) { _entities(representations: [{ __typename: "File", id: $id }]) { ... on File { name } } }';

    const answers = await Promise.all(
      [owner, aMember(), aUser(), anonymous].map((caller) => harness.request(caller, query, { id })),
    );

    expect(answers.map(({ data }) => data._entities[0])).toEqual([{ name: 'a.bin' }, null, null, null]);
  });

  test('are not listed, and their usage is not told', async () => {
    const owner = aMember();
    await storeFile(harness, owner, { body: randomBytes(10) });
    await createUpload(harness, owner, { size: 5 });

    const answer = await harness.request(
      aMember(),
      `query ($id: ID!) {
        files { totalCount nodes { id } }
        pending: files(status: PENDING) { totalCount nodes { id } }
        inBucket: files(bucket: "files") { totalCount nodes { id } }
        _entities(representations: [{ __typename: "Tenant", id: $id }]) { ... on Tenant { storageUsage { bytes } } }
      }`,
      { id: owner.tenantId },
    );

    const nothing = { totalCount: 0, nodes: [] };
    expect(answer).toEqual({
      data: { files: nothing, pending: nothing, inBucket: nothing, _entities: [{ storageUsage: null }] },
    });
  });

  test('do not appear by a cursor of another list', async () => {
    const owner = aMember();
    await storeFile(harness, owner, { body: randomBytes(10) });
    const { data } = await harness.request(owner, '{ files { pageInfo { endCursor } } }');

    const answer = await harness.request(
      aMember(),
      'query ($after: String) { files(after: $after) { nodes { id } } }',
      {
        after: data.files.pageInfo.endCursor,
      },
    );

    expect(answer).toEqual({ data: { files: { nodes: [] } } });
  });

  test('are invisible and cannot be changed by SQL of the service’s own role', async () => {
    const owner = aMember();
    const id = await storeFile(harness, owner, { body: randomBytes(10) });
    const asTenantB = `set app.tenant_id = '${randomUUID()}'`;
    const counts = 'select (select count(*) from file) + (select count(*) from storage_usage) as rows';
    const update = `update file set name = 'x' where id = '${id}' returning 1`;
    const usage = `update storage_usage set bytes = 0 where tenant_id = '${owner.tenantId}' returning 1`;
    const remove = `delete from file where id = '${id}' returning 1`;
    const run = (...statements: string[]) => runSql(harness.databaseUrl, ...statements);

    const seen = [await run(counts), await run(asTenantB, counts)];
    const changed = await Promise.all(
      [update, usage, remove].flatMap((statement) => [run(statement), run(asTenantB, statement)]),
    );
    const insert = run(
      asTenantB,
      `insert into storage_usage (tenant_id, bytes, files) values ('${randomUUID()}', 0, 0)`,
    );

    expect(seen).toEqual([[{ rows: '0' }], [{ rows: '0' }]]);
    expect(changed.flat()).toEqual([]);
    await expect(insert).rejects.toThrow(/row-level security/);
  });

  test('cannot be moved into another tenant by SQL', async () => {
    const owner = aMember();
    await storeFile(harness, owner, { body: randomBytes(10) });

    const move = runSql(
      harness.databaseUrl,
      `set app.tenant_id = '${owner.tenantId}'`,
      `update file set tenant_id = '${randomUUID()}'`,
    );

    await expect(move).rejects.toThrow(/row-level security/);
  });

  test('can be seen over all tenants, but not changed, by the service that cleans up', async () => {
    await storeFile(harness, aMember(), { body: randomBytes(10) });
    const asService = `set app.service = 'on'`;

    const seen = await runSql(harness.databaseUrl, asService, 'select id from file');
    const changed = await runSql(harness.databaseUrl, asService, `update file set name = 'x' returning 1`);

    expect(seen.length).toBeGreaterThan(0);
    expect(changed).toEqual([]);
  });
});

describe('the rights to files', () => {
  const operations = [
    'mutation { createUpload(input: { name: "a", contentType: "text/plain", size: 1 }) { file { id } } }',
    `mutation { completeUpload(fileId: "${randomUUID()}") { id } }`,
    `mutation { updateFile(input: { id: "${randomUUID()}", name: "a" }) { id } }`,
    `mutation { deleteFile(id: "${randomUUID()}") { id } }`,
    `{ file(id: "${randomUUID()}") { id } }`,
    '{ files { totalCount } }',
  ];

  test.each([
    ['UNAUTHENTICATED', 'without sign-in', anonymous],
    ['PRECONDITION_FAILED', 'without an active tenant', aUser()],
    ['FORBIDDEN', 'with a role that grants nothing', { ...aMember(), roles: ['GUEST'], scopes: [] }],
  ])('are refused as %s %s', async (code, _name, caller) => {
    const answers = await Promise.all(operations.map((operation) => harness.request(caller, operation)));

    expect(answers.map(({ errors }) => errors?.[0]?.extensions.code)).toEqual(operations.map(() => code));
  });
});
