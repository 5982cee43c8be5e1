import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { aUser } from '../../support/subgraph-harness.js';
import { startStorage, storeFile, type StorageHarness } from './storage-harness.js';

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
