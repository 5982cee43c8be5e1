import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { tenantChangesChannel } from '@tessera/service/identity';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { deadlocksOf } from '../../support/deadlocks.js';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import {
  anOrganisation,
  codeOf,
  codeWhenLetIn,
  invitationSecret,
  invitationTokens,
  platformAdmin,
} from './organisation.js';

const plans = [
  { id: 'small', name: 'Small', limits: { seats: 10, openInvitations: 3, groups: 1, domains: 1 }, features: [] },
  {
    id: 'large',
    name: 'Large',
    limits: { seats: null, openInvitations: null, groups: null, domains: null },
    features: ['custom-roles'],
  },
];

let harness: SubgraphHarness;

beforeAll(async () => {
  const path = join(await temporaryFolder('plans'), 'plans.json');
  await writeFile(path, JSON.stringify(plans));
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: {
      INVITATION_SECRET: invitationSecret,
      MAIL_URL: 'console:',
      PLANS_PATH: path,
      SWITCHABLE_SERVICES: 'storage, analytics, invoices',
    },
  });
}, 60_000);

afterAll(() => harness.stop());

const changePlan = 'mutation ($input: ChangePlanInput!) { changePlan(input: $input) { plan features } }';
const setServices =
  'mutation ($input: SetEnabledServicesInput!) { setEnabledServices(input: $input) { enabledServices disabledServices } }';
const accept = 'mutation ($token: String!) { acceptInvitation(token: $token) { role } }';

/** Resolves with the next tenant that gateways are told to ask for again. */
async function nextChange(act: () => Promise<unknown>): Promise<unknown> {
  const messages = harness.pubSub.subscribe(tenantChangesChannel);
  await messages.ready;
  await act();
  const { value } = await messages.next();
  await messages.close();
  return value;
}

describe('plans', () => {
  test('are listed, and a tenant begins with the first', async () => {
    const { admin } = await anOrganisation(harness);

    const { data } = await harness.request(admin, '{ plans { id name features limits { seats } } tenant { plan } }');

    expect(data).toEqual({
      plans: [
        { id: 'small', name: 'Small', features: [], limits: { seats: 10 } },
        { id: 'large', name: 'Large', features: ['custom-roles'], limits: { seats: null } },
      ],
      tenant: { plan: 'small' },
    });
  });

  test('are changed by who runs the platform, and gateways hear of it', async () => {
    const { tenantId, admin } = await anOrganisation(harness);
    const input = { tenantId, plan: 'large' };

    const change = await nextChange(async () => {
      expect(await harness.request(platformAdmin, changePlan, { input })).toEqual({
        data: { changePlan: { plan: 'large', features: ['custom-roles'] } },
      });
    });

    expect(change).toEqual({ tenantId });
    const { data } = await harness.request(admin, '{ tenant { plan features limits { seats } } }');
    expect(data.tenant).toEqual({ plan: 'large', features: ['custom-roles'], limits: { seats: null } });
  });

  test('cannot be changed by a tenant itself, nor to one that does not exist', async () => {
    const { tenantId, admin } = await anOrganisation(harness);

    const codes = [
      codeOf(await harness.request(admin, changePlan, { input: { tenantId, plan: 'large' } })),
      codeOf(await harness.request(platformAdmin, changePlan, { input: { tenantId, plan: 'huge' } })),
      codeOf(await harness.request(platformAdmin, changePlan, { input: { tenantId: aUser().userId, plan: 'large' } })),
    ];

    expect(codes).toEqual(['FORBIDDEN', 'BAD_USER_INPUT', 'NOT_FOUND']);
  });
});

describe('seats', () => {
  test('of a hundred who join at once over two instances only as many get in as there are seats', async () => {
    const { tenantId, admin } = await anOrganisation(harness);
    const another = await harness.startAnother();
    const people = Array.from({ length: 100 }, () => aUser());
    const tokens = await invitationTokens(
      harness,
      tenantId,
      people.map(({ userId }) => `${userId}@example.com`),
      { openToAnyone: true },
    );

    const codes = await Promise.all(
      people.map((person, index) =>
        codeWhenLetIn(() => (index % 2 === 0 ? harness : another).request(person, accept, { token: tokens[index] })),
      ),
    );

    expect(codes.filter((code) => code === 'ok')).toHaveLength(9);
    expect(codes.filter((code) => code === 'QUOTA_EXCEEDED')).toHaveLength(91);
    const { data } = await harness.request(admin, '{ tenant { members { totalCount } } }');
    expect(data.tenant.members.totalCount).toBe(10);
    expect(await deadlocksOf('tenant', harness)).toBe(0);

    await harness.request(platformAdmin, changePlan, { input: { tenantId, plan: 'large' } });
    const refused = codes.indexOf('QUOTA_EXCEEDED');
    const again = await harness.request(people[refused] ?? aUser(), accept, { token: tokens[refused] });
    expect(codeOf(again)).toBe('ok');
  }, 120_000);

  test('a refusal says which limit it is', async () => {
    const { tenantId } = await anOrganisation(harness);
    const people = Array.from({ length: 10 }, () => aUser());
    const tokens = await invitationTokens(
      harness,
      tenantId,
      people.map(({ userId }) => `${userId}@example.com`),
      { openToAnyone: true },
    );

    const answers = await Promise.all(
      people.map((person, index) => harness.request(person, accept, { token: tokens[index] })),
    );

    const [refused] = answers.flatMap(({ errors = [] }) => errors);
    expect(refused?.extensions).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      details: { limit: 'seats', max: 10, used: 10, plan: 'small' },
    });
  });

  test('nobody joins a tenant that is suspended', async () => {
    const { tenantId } = await anOrganisation(harness);
    const [token] = await invitationTokens(harness, tenantId, ['open@example.com'], { openToAnyone: true });
    await harness.request(
      platformAdmin,
      'mutation ($id: ID!) { suspendTenant(input: { tenantId: $id, reason: "unpaid" }) { id } }',
      { id: tenantId },
    );

    expect(codeOf(await harness.request(aUser(), accept, { token }))).toBe('FORBIDDEN');
  });
});

describe('enabled services', () => {
  test('are all those of the catalogue at first, those of other makers too', async () => {
    const { admin } = await anOrganisation(harness);

    const { data } = await harness.request(admin, '{ tenant { enabledServices disabledServices } }');

    expect(data.tenant).toEqual({
      enabledServices: ['auth', 'tenant', 'storage', 'analytics', 'invoices'],
      disabledServices: [],
    });
  });

  test('are what the platform’s administrator names, and gateways hear of it', async () => {
    const { tenantId } = await anOrganisation(harness);

    const change = await nextChange(async () => {
      const input = { tenantId, services: ['invoices', 'tenant'] };
      expect(await harness.request(platformAdmin, setServices, { input })).toEqual({
        data: {
          setEnabledServices: {
            enabledServices: ['auth', 'tenant', 'invoices'],
            disabledServices: ['storage', 'analytics'],
          },
        },
      });
    });

    expect(change).toEqual({ tenantId });
  });

  test('cannot be set by a tenant itself, nor to a service that does not exist', async () => {
    const { tenantId, admin } = await anOrganisation(harness);

    const codes = [
      codeOf(await harness.request(admin, setServices, { input: { tenantId, services: ['storage'] } })),
      codeOf(await harness.request(platformAdmin, setServices, { input: { tenantId, services: ['typo'] } })),
    ];

    expect(codes).toEqual(['FORBIDDEN', 'BAD_USER_INPUT']);
  });
});

test.each([
  ['a control character', 'Ac\u0000me'],
  ['a line break', 'Acme\nBcc: all@example.com'],
  ['text that turns around', 'Acme \u202Eemca'],
  ['half a character', 'Acme \uD800'],
  ['nothing but spaces', '   '],
])('a tenant’s name with %s is refused', async (_what, name) => {
  const answer = await harness.request(
    aUser(),
    'mutation ($name: String!) { createTenant(input: { name: $name, slug: "odd-name" }) { id } }',
    { name },
  );

  expect(codeOf(answer)).toBe('BAD_USER_INPUT');
});
