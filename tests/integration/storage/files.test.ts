import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { aUser } from '../../support/subgraph-harness.js';
import { createUpload, startStorage, storeFile, type StorageHarness } from './storage-harness.js';

let harness: StorageHarness;

beforeAll(async () => {
  harness = await startStorage({ MAX_FILE_BYTES: '1000000' });
}, 60_000);

afterAll(() => harness.stop());

const aMember = () => aUser({ tenantId: randomUUID() });

describe('a list of files', () => {
  test('has those of which the name begins so, the newest first', async () => {
    const caller = aMember();
    for (const name of ['report 1.pdf', 'report_2.pdf', 'Report 3.pdf', '100% done', 'report 4.pdf']) {
      await storeFile(harness, caller, { body: randomBytes(3), name });
    }

    const answer = await harness.request(
      caller,
      `{ a: files(prefix: "report") { nodes { name } } b: files(prefix: "report_") { nodes { name } }
         c: files(prefix: "100%") { totalCount } d: files(prefix: "%") { totalCount } }`,
    );

    const names = (nodes: { name: string }[]) => nodes.map(({ name }) => name);
    expect(names(answer.data.a.nodes)).toEqual(['report 4.pdf', 'report_2.pdf', 'report 1.pdf']);
    expect(names(answer.data.b.nodes)).toEqual(['report_2.pdf']);
    expect([answer.data.c.totalCount, answer.data.d.totalCount]).toEqual([1, 0]);
  });

  test('has those of a bucket, and those that are being uploaded, where these are asked for', async () => {
    const caller = aMember();
    await storeFile(harness, caller, { body: randomBytes(3), name: 'letter', bucket: 'mail' });
    await storeFile(harness, caller, { body: randomBytes(3), name: 'report' });
    await createUpload(harness, caller, { size: 3, name: 'coming' });
    await createUpload(harness, caller, { size: 3, name: 'coming letter', bucket: 'mail' });
    const { file } = await createUpload(harness, caller, { size: 3, name: 'deleted' });
    await harness.request(caller, 'mutation ($id: ID!) { deleteFile(id: $id) { id } }', file);

    const { data } = await harness.request(
      caller,
      `{ all: files { totalCount nodes { name } }
         mail: files(bucket: "mail") { totalCount nodes { name } }
         pending: files(status: PENDING) { totalCount nodes { name } }
         pendingMail: files(status: PENDING, bucket: "mail", prefix: "com") { totalCount nodes { name } }
         none: files(bucket: "pictures") { totalCount nodes { name } } }`,
    );

    const listed = Object.entries(data as Record<string, { totalCount: number; nodes: { name: string }[] }>);
    expect(Object.fromEntries(listed.map(([name, { nodes }]) => [name, nodes.map((node) => node.name)]))).toEqual({
      all: ['report', 'letter'],
      mail: ['letter'],
      pending: ['coming letter', 'coming'],
      pendingMail: ['coming letter'],
      none: [],
    });
    expect(listed.map(([, { totalCount }]) => totalCount)).toEqual([2, 1, 2, 1, 0]);
  });

  test.each([
    ['status', 'status: DELETED'],
    ['status', 'status: EXPIRED'],
    ['bucket', 'bucket: "../other"'],
  ])('is refused with no %s that files are listed by (%s)', async (field, argument) => {
    const answer = await harness.request(aMember(), `{ files(${argument}) { totalCount } }`);

    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', details: { fields: [{ field }] } });
  });

  test('comes in pages of at most 100', async () => {
    const caller = aMember();
    for (let index = 0; index < 3; index += 1) await storeFile(harness, caller, { body: randomBytes(3) });
    const query =
      'query ($first: Int, $after: String) { files(first: $first, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }';

    const first = await harness.request(caller, query, { first: 2 });
    const second = await harness.request(caller, query, { first: 2, after: first.data.files.pageInfo.endCursor });
    const tooMany = await harness.request(caller, query, { first: 101 });

    expect([first, second].map(({ data }) => data.files.nodes.length)).toEqual([2, 1]);
    expect(second.data.files.pageInfo.hasNextPage).toBe(false);
    expect(tooMany.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  test('costs as many queries for many files as for one', async () => {
    const caller = aMember();
    const count = async (): Promise<number> => {
      harness.forgetQueries();
      await harness.request(caller, '{ files { totalCount nodes { name owner { id } downloadUrl } } }');
      return harness.queries.length;
    };
    await storeFile(harness, caller, { body: randomBytes(3) });
    const forOne = await count();
    for (let index = 0; index < 4; index += 1) await storeFile(harness, caller, { body: randomBytes(3) });

    const forFive = await count();

    expect(forFive).toBe(forOne);
  });

  test('is loaded in one query where another subgraph refers to files and their tenant', async () => {
    const caller = aMember();
    const ids: string[] = [];
    for (let index = 0; index < 4; index += 1) ids.push(await storeFile(harness, caller, { body: randomBytes(3) }));
    harness.forgetQueries();

    const answer = await harness.request(
      caller,
      `query ($references: [_Any!]!) {
        _entities(representations: $references) { ... on File { name downloadUrl } ... on Tenant { storageUsage { files } } }
      }`,
      {
        references: [
          ...ids.map((id) => ({ __typename: 'File', id })),
          ...[1, 2, 3].map(() => ({ __typename: 'Tenant', id: caller.tenantId })),
        ],
      },
    );

    expect(answer.errors).toBeUndefined();
    const selects = harness.queries.filter((sql) => /from "(file|storage_usage)"/.test(sql));
    expect(selects).toHaveLength(2);
  });
});

describe('a file', () => {
  const updateMutation = 'mutation ($input: UpdateFileInput!) { updateFile(input: $input) { id name size status } }';

  test('is given another name, by which it is saved and found', async () => {
    const caller = aMember();
    const body = randomBytes(3);
    const id = await storeFile(harness, caller, { body, name: 'draft.txt' });

    const updated = await harness.request(caller, updateMutation, { input: { id, name: 'U\u0308bersicht.txt' } });
    const { data } = await harness.request(
      caller,
      '{ found: files(prefix: "Übers") { nodes { id downloadUrl } } former: files(prefix: "draft") { totalCount } }',
    );
    const download = await fetch(data.found.nodes[0].downloadUrl);

    expect(updated).toEqual({ data: { updateFile: { id, name: 'Übersicht.txt', size: 3, status: 'READY' } } });
    expect(data).toMatchObject({ found: { nodes: [{ id }] }, former: { totalCount: 0 } });
    expect(download.headers.get('content-disposition')).toContain("filename*=UTF-8''%C3%9Cbersicht.txt");
    expect(Buffer.from(await download.arrayBuffer()).equals(body)).toBe(true);
  });

  test('is given another name while it is being uploaded, and stays as it is where nothing is said', async () => {
    const caller = aMember();
    const { file } = await createUpload(harness, caller, { size: 3, name: 'draft.txt' });

    const renamed = await harness.request(caller, updateMutation, { input: { id: file.id, name: 'b.txt' } });
    const same = await harness.request(caller, updateMutation, { input: { id: file.id } });

    expect(renamed.data.updateFile).toEqual({ id: file.id, name: 'b.txt', size: 3, status: 'PENDING' });
    expect(same.data.updateFile).toEqual(renamed.data.updateFile);
  });

  test('is given no name that is none, and none once it is deleted', async () => {
    const caller = aMember();
    const id = await storeFile(harness, caller, { body: randomBytes(3) });

    const refused = await harness.request(caller, updateMutation, { input: { id, name: '../b' } });
    await harness.request(caller, 'mutation ($id: ID!) { deleteFile(id: $id) { id } }', { id });
    const late = await harness.request(caller, updateMutation, { input: { id, name: 'b' } });

    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { fields: [{ field: 'name' }] },
    });
    expect(late.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });
});

describe('an upload', () => {
  test('is told also to who asks for the download URL, which there is none of yet', async () => {
    const caller = aMember();
    const input = { name: 'a.txt', contentType: 'text/plain', size: 5 };

    const answer = await harness.request(
      caller,
      `mutation ($input: CreateUploadInput!) {
        createUpload(input: $input) { file { status downloadUrl } upload { url } }
      }`,
      { input },
    );

    expect(answer.errors).toBeUndefined();
    expect(answer.data.createUpload).toEqual({
      file: { status: 'PENDING', downloadUrl: null },
      upload: { url: expect.stringMatching(/^http/) },
    });
  });

  test('is told also to who may ask for no download URL', async () => {
    const caller = { ...aMember(), scopes: ['files:write'] };

    const answer = await harness.request(
      caller,
      `mutation {
        createUpload(input: { name: "a.txt", contentType: "text/plain", size: 5 }) { file { downloadUrl } upload { url } }
      }`,
    );

    expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
    expect(answer.data.createUpload.upload.url).toMatch(/^http/);
  });

  test.each<[string, Record<string, unknown>]>([
    ['no name', { name: '' }],
    ['a path for a name', { name: '../../etc/passwd' }],
    ['a name with a backslash', { name: 'a\\b' }],
    ['a name with NUL', { name: 'a\u0000.png' }],
    ['a name that reads backwards', { name: 'exe.\u202Egpj' }],
    ['a name of 256 bytes', { name: 'ü'.repeat(128) }],
    ['a type that is none', { contentType: 'picture' }],
    ['a type that breaks a header', { contentType: 'text/plain\r\nx-evil: 1' }],
    ['a parameter of the type that breaks a header', { contentType: 'text/plain; a="\r\nx-evil: 1"' }],
    ['a parameter of the type without a value', { contentType: 'text/plain; charset' }],
    ['two types', { contentType: 'image/png, text/html' }],
    ['a negative size', { size: -5 }],
    ['more bytes than a file may have', { size: 1_000_001 }],
    ['a bucket with a path', { bucket: '../other' }],
  ])('is refused with %s', async (_name, change) => {
    const answer = await harness.request(
      aMember(),
      'mutation ($input: CreateUploadInput!) { createUpload(input: $input) { file { id } } }',
      { input: { name: 'a.txt', contentType: 'text/plain', size: 5, ...change } },
    );

    expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect(answer.errors?.[0]?.extensions.details).toMatchObject({ fields: [{ field: Object.keys(change)[0] }] });
  });
});
