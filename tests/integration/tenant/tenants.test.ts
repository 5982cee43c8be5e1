import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAskTenant } from '@tessera/gateway/guards/tenants/ask-tenant';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import {
  anonymous,
  aUser,
  principalSecret,
  startSubgraphHarness,
  type SubgraphHarness,
} from '../../support/subgraph-harness.js';
import { codeWhenLetIn } from './organisation.js';

let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: {
      INVITATION_SECRET: 'a-secret-for-invitations-in-tests-only',
      MAIL_URL: 'console:',
      MAX_TENANTS_PER_PERSON: '5',
    },
  });
}, 60_000);

afterAll(() => harness.stop());

async function createTenant(userId: string, slug: string): Promise<string> {
  const answer = await harness.request(
    aUser({ userId }),
    'mutation ($slug: String!) { createTenant(input: { name: "Acme", slug: $slug }) { id } }',
    { slug },
  );
  return answer.data.createTenant.id;
}

const platformAdmin = { ...aUser(), roles: ['SUPER_ADMIN'] };

describe('the platform’s administrators', () => {
  const suspend = 'mutation ($input: SuspendTenantInput!) { suspendTenant(input: $input) { status } }';
  const resume = 'mutation ($input: ResumeTenantInput!) { resumeTenant(input: $input) { status } }';

  test('lock and unlock a tenant, and its members see it', async () => {
    const user = aUser();
    const tenantId = await createTenant(user.userId, 'lockable');

    const suspended = await harness.request(platformAdmin, suspend, { input: { tenantId, reason: 'unpaid' } });
    const seen = await harness.request(aUser({ userId: user.userId, tenantId }), '{ tenant { status } }');
    const resumed = await harness.request(platformAdmin, resume, { input: { tenantId } });

    expect(suspended.data.suspendTenant).toEqual({ status: 'SUSPENDED' });
    expect(seen.data.tenant).toEqual({ status: 'SUSPENDED' });
    expect(resumed.data.resumeTenant).toEqual({ status: 'ACTIVE' });
  });

  test('alone may, and have to say why', async () => {
    const user = aUser();
    const tenantId = await createTenant(user.userId, 'unlockable');
    const admin = aUser({ userId: user.userId, tenantId, role: 'TENANT_ADMIN' });
    const codeFor = async (principal: typeof platformAdmin, input: object) =>
      (await harness.request(principal, suspend, { input })).errors?.[0]?.extensions.code;

    expect(await codeFor(admin, { tenantId, reason: 'mine' })).toBe('FORBIDDEN');
    expect(await codeFor(platformAdmin, { tenantId, reason: ' ' })).toBe('BAD_USER_INPUT');
    expect(await codeFor(platformAdmin, { tenantId: user.userId, reason: 'gone' })).toBe('NOT_FOUND');
  });
});

describe('the list of all tenants', () => {
  const list = `query ($search: String, $status: TenantStatus, $plan: String, $first: Int, $after: String) {
    tenants(search: $search, status: $status, plan: $plan, first: $first, after: $after) {
      totalCount pageInfo { endCursor } nodes { slug status plan settings members { totalCount } } } }`;
  const slugsOf = async (variables: object): Promise<string[]> => {
    const { data } = await harness.request(platformAdmin, list, variables);
    return data.tenants.nodes.map(({ slug }: { readonly slug: string }) => slug);
  };

  test('is found by name or slug, status and plan, by who runs the platform, and nothing within them shows', async () => {
    const first = await createTenant(aUser().userId, 'listed-1');
    await createTenant(aUser().userId, 'listed-2');
    const suspend = 'mutation ($id: ID!) { suspendTenant(input: { tenantId: $id, reason: "unpaid" }) { id } }';
    await harness.request(platformAdmin, suspend, { id: first });

    const { data } = await harness.request(platformAdmin, list, { search: 'LISTED-', first: 1 });
    const rest = await slugsOf({ search: 'listed-', after: data.tenants.pageInfo.endCursor });

    expect(data.tenants).toMatchObject({
      totalCount: 2,
      nodes: [{ slug: 'listed-2', status: 'ACTIVE', plan: 'free', settings: null, members: null }],
    });
    expect(rest).toEqual(['listed-1']);
    expect(await slugsOf({ search: 'listed-', status: 'SUSPENDED' })).toEqual(['listed-1']);
    expect(await slugsOf({ search: 'listed-', plan: 'enterprise' })).toEqual([]);
    expect(await slugsOf({ search: 'listed_' })).toEqual([]);
    expect(await slugsOf({ search: 'Acme', first: 100 })).toEqual(expect.arrayContaining(['listed-1', 'listed-2']));
  });

  test('is nobody else’s to see', async () => {
    const { userId } = aUser();
    const admin = aUser({ userId, tenantId: await createTenant(userId, 'curious'), role: 'TENANT_ADMIN' });

    expect((await harness.request(admin, list)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

describe('tenants', () => {
  test('a person who creates a tenant is its administrator', async () => {
    const user = aUser();
    const tenantId = await createTenant(user.userId, 'first');

    const answer = await harness.request(
      aUser({ userId: user.userId, tenantId, role: 'TENANT_ADMIN' }),
      '{ tenant { id slug members { totalCount nodes { role user { id } } } } }',
    );

    expect(answer).toEqual({
      data: {
        tenant: {
          id: tenantId,
          slug: 'first',
          members: { totalCount: 1, nodes: [{ role: 'TENANT_ADMIN', user: { id: user.userId } }] },
        },
      },
    });
  });

  test('gateways are told the plan of a tenant and what is switched off, and of one that does not exist nothing', async () => {
    const tenantId = await createTenant(aUser().userId, 'planned');
    const ask = createAskTenant({
      url: `${harness.url}/graphql`,
      signingSecret: principalSecret,
      timeoutMs: 5_000,
    });

    expect(await ask(tenantId)).toEqual({ plan: 'free', disabledServices: [], securityPolicy: null, isLocked: false });
    expect(await ask(aUser().userId)).toEqual({ plan: undefined, disabledServices: [] });
  });

  test('a slug that is taken is a conflict, whoever has it', async () => {
    await createTenant(aUser().userId, 'taken');

    const answer = await harness.request(
      aUser(),
      'mutation { createTenant(input: { name: "B", slug: "taken" }) { id } }',
    );

    expect(answer.errors?.[0]?.extensions.code).toBe('CONFLICT');
  });

  test('one person administers so many and no more, on two instances at once', async () => {
    const [person, another] = [aUser(), await harness.startAnother()];
    const create = 'mutation ($slug: String!) { createTenant(input: { name: "One of many", slug: $slug }) { id } }';
    const codes = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        codeWhenLetIn(() =>
          (index % 2 === 0 ? harness : another).request(person, create, { slug: `one-of-many-${index}` }),
        ),
      ),
    );

    expect(codes.filter((code) => code === 'ok')).toHaveLength(5);
    expect(codes.filter((code) => code === 'QUOTA_EXCEEDED')).toHaveLength(7);
    const refused = await harness.request(person, create, { slug: 'one-of-many-more' });
    expect(refused.errors?.[0]?.extensions).toMatchObject({ details: { limit: 5, used: 5 } });
  }, 60_000);

  test('an anonymous caller cannot create a tenant', async () => {
    const answer = await harness.request(
      anonymous,
      'mutation { createTenant(input: { name: "B", slug: "bb" }) { id } }',
    );

    expect(answer.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  describe('changing one', () => {
    const update = 'mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { name settings } }';

    async function anAdmin(slug: string): Promise<ReturnType<typeof aUser>> {
      const { userId } = aUser();
      return aUser({ userId, tenantId: await createTenant(userId, slug), role: 'TENANT_ADMIN' });
    }

    test('adds up settings that are set at the same time', async () => {
      const admin = await anAdmin('many-settings');
      const keys = Array.from({ length: 8 }, (_, index) => `key${index}`);

      await Promise.all(keys.map((key) => harness.request(admin, update, { input: { settings: { [key]: true } } })));

      const answer = await harness.request(admin, '{ tenant { settings } }');
      expect(Object.keys(answer.data.tenant.settings).toSorted()).toEqual(keys);
    });

    test('refuses settings that grow beyond 64 KB', async () => {
      const admin = await anAdmin('large-settings');
      const half = 'x'.repeat(40_000);

      const first = await harness.request(admin, update, { input: { settings: { first: half } } });
      const second = await harness.request(admin, update, { input: { settings: { second: half } } });

      expect(first.errors).toBeUndefined();
      expect(second.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', details: { maxBytes: 65_536 } });
    });

    test('leaves alone what is null', async () => {
      const answer = await harness.request(await anAdmin('null-input'), update, {
        input: { name: null, settings: null },
      });

      expect(answer).toEqual({ data: { updateTenant: { name: 'Acme', settings: {} } } });
    });

    test.each([
      ['name', { name: 'a\0b' }],
      ['settings', { settings: { key: 'a\0b' } }],
    ])('blames the input for a NUL in the %s', async (field, input) => {
      const answer = await harness.request(await anAdmin(`nul-${field}`), update, { input });

      expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    });
  });
});
