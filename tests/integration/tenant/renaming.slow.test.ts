import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withClient, withDatabase } from '@tessera/service/database';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { deadlocksOf } from '../../support/deadlocks.js';
import { queryAs } from '../../support/sql-session.js';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { anOrganisation, codeOf, codeWhenLetIn, invitationSecret } from './organisation.js';

let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: { INVITATION_SECRET: invitationSecret, MAIL_URL: 'console:', SLUG_TERM_DAYS: '30' },
  });
}, 60_000);

afterAll(() => harness.stop());

const rename = 'mutation ($input: RenameTenantInput!) { renameTenant(input: $input) { name slug } }';
const bySlug = 'query ($slug: String!) { tenantBySlug(slug: $slug) { id slug } }';
const create = 'mutation ($slug: String!) { createTenant(input: { name: "New", slug: $slug }) { id } }';

const aSlug = (): string => `name-${randomUUID().slice(0, 13)}`;

/** Lets days pass for a slug that was let go. */
const age = (slug: string, days: number): Promise<unknown> =>
  withClient(withDatabase(harness.adminUrl, 'tessera_tenant'), (client) =>
    client.query(`update tenant_slug set released_at = released_at - make_interval(days => $2) where slug = $1`, [
      slug,
      days,
    ]),
  );

describe('a tenant that is renamed', () => {
  test('is found by its slug and by the one of before, by its members alone', async () => {
    const { admin, tenantId, slug: before } = await anOrganisation(harness);
    const slug = aSlug();

    const renamed = await harness.request(admin, rename, { input: { name: 'Better', slug } });

    expect(renamed.data).toEqual({ renameTenant: { name: 'Better', slug } });
    const member = aUser({ userId: admin.userId });
    for (const name of [slug, before]) {
      expect((await harness.request(member, bySlug, { slug: name })).data).toEqual({
        tenantBySlug: { id: tenantId, slug },
      });
      expect(codeOf(await harness.request(aUser(), bySlug, { slug: name }))).toBe('NOT_FOUND');
    }
    expect(codeOf(await harness.request(member, bySlug, { slug: "' or true --" }))).toBe('NOT_FOUND');
  });

  test('keeps its slug of before for a term, and can go back to it', async () => {
    const { admin, slug: before } = await anOrganisation(harness);
    const slug = aSlug();
    await harness.request(admin, rename, { input: { slug } });

    const taken = await harness.request(aUser(), create, { slug: before });
    const back = await harness.request(admin, rename, { input: { slug: before } });
    const takenNow = await harness.request(aUser(), create, { slug });

    expect([taken, back, takenNow].map(codeOf)).toEqual(['CONFLICT', 'ok', 'CONFLICT']);
  });

  test('loses it after the term to whoever wants it', async () => {
    const { admin, slug: before } = await anOrganisation(harness);
    await harness.request(admin, rename, { input: { slug: aSlug() } });
    await age(before, 31);
    expect(codeOf(await harness.request(admin, bySlug, { slug: before }))).toBe('NOT_FOUND');

    const created = await harness.request(aUser(), create, { slug: before });

    expect(codeOf(created)).toBe('ok');
    expect(codeOf(await harness.request(admin, rename, { input: { slug: before } }))).toBe('CONFLICT');
  });

  test('cannot collect names', async () => {
    const { admin } = await anOrganisation(harness);

    const codes: string[] = [];
    for (let index = 0; index < 7; index += 1) {
      codes.push(codeOf(await harness.request(admin, rename, { input: { slug: aSlug() } })));
    }

    expect(codes).toEqual([...Array<string>(5).fill('ok'), 'QUOTA_EXCEEDED', 'QUOTA_EXCEEDED']);
  });

  test.each([
    ['with capitals', { slug: 'Not-A-Slug' }],
    ['with two hyphens', { slug: 'a--b' }],
    ['with a control character', { name: 'Bell\u0007' }],
  ])('to a name %s is refused', async (_what, input) => {
    const { admin } = await anOrganisation(harness);

    expect(codeOf(await harness.request(admin, rename, { input }))).toBe('BAD_USER_INPUT');
  });
});

test('of a hundred who want one slug at once over two instances one gets it, by founding or by renaming', async () => {
  const another = await harness.startAnother();
  const organisations = await Promise.all(Array.from({ length: 10 }, () => anOrganisation(harness)));
  const slug = aSlug();

  const codes = await Promise.all(
    Array.from({ length: 100 }, (_, index) => {
      const { request } = index % 2 === 0 ? harness : another;
      const { admin } = organisations[index] ?? {};
      return codeWhenLetIn(() =>
        admin === undefined ? request(aUser(), create, { slug }) : request(admin, rename, { input: { slug } }),
      );
    }),
  );

  expect(codes.filter((code) => code === 'ok')).toHaveLength(1);
  expect(codes.filter((code) => code === 'CONFLICT')).toHaveLength(99);
  expect(await deadlocksOf('tenant', harness)).toBe(0);
}, 120_000);

test('another tenant sees no slugs by SQL, and takes none', async () => {
  const [one, other] = await Promise.all([anOrganisation(harness), anOrganisation(harness)]);
  const asOther = { tenantId: other.tenantId };

  const seen = await queryAs(harness.databaseUrl, asOther, 'select slug from tenant_slug');
  const unset = await queryAs(harness.databaseUrl, {}, 'select slug from tenant_slug');
  const taken = await queryAs(
    harness.databaseUrl,
    asOther,
    'update tenant_slug set tenant_id = $1 where slug = $2 returning 1',
    [other.tenantId, one.slug],
  );

  expect([seen, unset, taken]).toEqual([[{ slug: other.slug }], [], []]);
});

describe('handing a tenant on', () => {
  const transfer = 'mutation ($id: ID!) { transferOwnership(userId: $id) { role user { id } } }';
  const addMember = async (tenantId: string) => {
    const { userId } = aUser();
    await withClient(withDatabase(harness.adminUrl, 'tessera_tenant'), (client) =>
      client.query(
        `insert into membership (id, tenant_id, user_id, role, joined_at) values (gen_random_uuid(), $1, $2, 'USER', now())`,
        [tenantId, userId],
      ),
    );
    return aUser({ userId, tenantId, role: 'TENANT_ADMIN' });
  };
  const rolesOf = async (tenantId: string, ...ids: string[]) => {
    const rows = await queryAs(harness.databaseUrl, { tenantId }, 'select user_id, role from membership');
    return ids.map((id) => (rows as { user_id: string; role: string }[]).find(({ user_id }) => user_id === id)?.role);
  };

  test('makes the one an administrator and the other an ordinary member', async () => {
    const { admin, tenantId } = await anOrganisation(harness);
    const heir = await addMember(tenantId);

    const answer = await harness.request(admin, transfer, { id: heir.userId });

    expect(answer.data.transferOwnership).toEqual({ role: 'TENANT_ADMIN', user: { id: heir.userId } });
    expect(await rolesOf(tenantId, admin.userId, heir.userId)).toEqual(['USER', 'TENANT_ADMIN']);
  });

  test('twice at once, by an old token, is refused: one administrator remains', async () => {
    const { admin, tenantId } = await anOrganisation(harness);
    const heirs = await Promise.all([addMember(tenantId), addMember(tenantId)]);

    const answers = await Promise.all(heirs.map(({ userId }) => harness.request(admin, transfer, { id: userId })));

    expect(answers.map(codeOf).sort()).toEqual(['FORBIDDEN', 'ok']);
    const roles = await rolesOf(tenantId, admin.userId, ...heirs.map(({ userId }) => userId));
    expect(roles.filter((role) => role === 'TENANT_ADMIN')).toHaveLength(1);
  });

  test('to a stranger, or to oneself, is refused', async () => {
    const { admin } = await anOrganisation(harness);

    const answers = [
      await harness.request(admin, transfer, { id: aUser().userId }),
      await harness.request(admin, transfer, { id: admin.userId }),
    ];

    expect(answers.map(codeOf)).toEqual(['NOT_FOUND', 'BAD_USER_INPUT']);
  });
});
