import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDomainEvent } from '@tessera/service/events';
import { userSubgraph } from '@tessera/user/subgraph';
import { eventually } from '../../support/eventually.js';
import { runSql } from '../../support/postgres-server.js';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { announceMember, aPerson } from './people.js';

let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(userSubgraph);
}, 60_000);

afterAll(() => harness.stop());

interface UploadedFile {
  readonly fileId: string;
  readonly tenantId: string;
  readonly ownerId: string;
  readonly contentType?: string;
  readonly bytes?: number;
}

function announceFile(
  type: 'file.completed' | 'file.deleted',
  { fileId, tenantId, ownerId, contentType = 'image/png', bytes = 2_000 }: UploadedFile,
): Promise<void> {
  const payload = { fileId, ownerId, bucket: 'files', contentType, bytes };
  return harness.deliver(createDomainEvent({ type, tenantId, payload }));
}

const setPicture = (caller: Parameters<SubgraphHarness['request']>[0], id: string) =>
  harness.request(caller, 'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { avatar { id } } }', {
    input: { avatarFileId: id },
  });

const pictureOf = async (caller: Parameters<SubgraphHarness['request']>[0], id: string): Promise<unknown> => {
  const query = `query ($id: ID!) {
    _entities(representations: [{ __typename: "User", id: $id }]) { ... on User { avatar { id } } }
  }`;
  return (await harness.request(caller, query, { id })).data._entities[0].avatar;
};

async function aMemberWithPicture() {
  const tenantId = randomUUID();
  const person = await aPerson(harness, { tenantId });
  const file = { fileId: randomUUID(), tenantId, ownerId: person.userId };
  await announceFile('file.completed', file);
  await setPicture(person, file.fileId);
  return { tenantId, person, file };
}

describe('a picture', () => {
  test('is an image that its person has uploaded, also one whose event is still on its way', async () => {
    const tenantId = randomUUID();
    const person = await aPerson(harness, { tenantId });
    const file = { fileId: randomUUID(), tenantId, ownerId: person.userId };

    harness.forgetQueries();
    const answer = setPicture(person, file.fileId);
    await eventually(() => harness.queries.some((sql) => sql.includes('"picture"')));
    await announceFile('file.completed', file);

    expect((await answer).data.updateProfile).toEqual({ avatar: { id: file.fileId } });
  });

  test.each([
    ['a text', { contentType: 'text/plain' }],
    ['a text that speaks of an image', { contentType: 'text/plain; image/png' }],
    ['an empty image', { bytes: 0 }],
    ['a drawing that can carry scripts', { contentType: 'image/svg+xml' }],
    ['a large image', { bytes: 5 * 1_024 * 1_024 + 1 }],
    ['an image of a colleague', { ownerId: randomUUID() }],
    ['an image in another tenant', { tenantId: randomUUID() }],
  ])('cannot be %s', async (_what, difference) => {
    const tenantId = randomUUID();
    const person = await aPerson(harness, { tenantId });
    const file = { fileId: randomUUID(), tenantId, ownerId: person.userId, ...difference };
    await announceFile('file.completed', file);

    const answer = await setPicture(person, file.fileId);

    expect(answer.errors?.[0]).toMatchObject({
      message: expect.stringContaining('avatarFileId must name an image'),
      extensions: { code: 'BAD_USER_INPUT', details: { fields: [{ field: 'avatarFileId', rule: 'CUSTOM' }] } },
    });
  });

  test('is an image also where its type has parameters', async () => {
    const tenantId = randomUUID();
    const person = await aPerson(harness, { tenantId });
    const file = { fileId: randomUUID(), tenantId, ownerId: person.userId };
    await announceFile('file.completed', { ...file, contentType: 'Image/PNG; charset=binary' });

    const answer = await setPicture(person, file.fileId);

    expect(answer.data.updateProfile).toEqual({ avatar: { id: file.fileId } });
  });

  test('is gone when its file is deleted', async () => {
    const { person, file } = await aMemberWithPicture();
    expect(await pictureOf(person, person.userId)).toEqual({ id: file.fileId });

    await announceFile('file.deleted', file);

    expect(await pictureOf(person, person.userId)).toBeNull();
    const asPerson = `set app.user_id = '${person.userId}'`;
    const rows = await runSql(harness.databaseUrl, asPerson, 'select avatar_file_id from user_profile');
    expect(rows).toEqual([{ avatar_file_id: null }]);
  });

  test('is shown where its file is, and nowhere else', async () => {
    const { tenantId, person, file } = await aMemberWithPicture();
    const colleague = await aPerson(harness, { tenantId });
    const elsewhere = randomUUID();
    await announceMember(harness, 'member.joined', elsewhere, person.userId);

    expect(await pictureOf(colleague, person.userId)).toEqual({ id: file.fileId });
    expect(await pictureOf(aUser({ userId: person.userId, tenantId: elsewhere }), person.userId)).toBeNull();
    expect(await pictureOf(aUser({ userId: person.userId }), person.userId)).toBeNull();
  });

  test('of another tenant is not to be had by the role of the service', async () => {
    const { tenantId, file } = await aMemberWithPicture();
    const seen = (tenant: string) =>
      runSql(
        harness.databaseUrl,
        `set app.tenant_id = '${tenant}'`,
        `select file_id from picture where file_id = '${file.fileId}'`,
      );

    expect(await seen(randomUUID())).toEqual([]);
    expect(await seen(tenantId)).toEqual([{ file_id: file.fileId }]);
  });

  test('of fifty members costs one query', async () => {
    const tenantId = randomUUID();
    const reader = await aPerson(harness, { tenantId });
    for (let count = 0; count < 50; count += 1) {
      const person = await aPerson(harness, { tenantId });
      await announceFile('file.completed', { fileId: person.userId, tenantId, ownerId: person.userId });
      await setPicture(person, person.userId);
    }

    harness.forgetQueries();
    const answer = await harness.request(reader, '{ users(first: 100) { nodes { avatar { id } } } }');

    expect(answer.data.users.nodes.filter(({ avatar }: { avatar: unknown }) => avatar !== null)).toHaveLength(50);
    expect(harness.queries.filter((sql) => sql.includes('from "picture"'))).toHaveLength(1);
  }, 120_000);
});
