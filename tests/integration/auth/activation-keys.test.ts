import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DomainEvent } from '@tessera/service/events';
import type { Principal } from '@tessera/service/identity';
import { keyRedeemedEventType } from '@tessera/service/tenancy';
import { startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { eventually } from '../../support/eventually.js';
import { aUser, sendSigned, type GraphqlAnswer } from '../../support/subgraph-harness.js';
import { platformAdmin } from '../tenant/organisation.js';

let harness: AuthHarness;
const redeemed: DomainEvent[] = [];

beforeAll(async () => {
  harness = await startAuthHarness();
  harness.eventBus.subscribe({
    consumer: 'tenant',
    types: [keyRedeemedEventType],
    handle: async (event) => void redeemed.push(event),
  });
}, 60_000);

afterAll(() => harness.stop());

const anAdmin = () => aUser({ tenantId: randomUUID(), role: 'TENANT_ADMIN' });
const codeOf = ({ errors }: GraphqlAnswer<unknown>) => errors?.[0]?.extensions.code;
const eventsOf = ({ tenantId }: Principal) => redeemed.filter((event) => event.tenantId === tenantId);
const activateKey = `mutation ($key: String!) { activateKey(key: $key) { state plan termDays activatedAt } }`;

async function issue(more: object = {}) {
  const query = `mutation ($input: IssueActivationKeysInput!) {
    issueActivationKeys(input: $input) { keys batch { id keyCount activatedCount } }
  }`;
  const input = { name: 'partners', plan: 'pro', count: 1, termDays: 30, ...more };
  return harness.request(platformAdmin, query, { input });
}

async function aKey(more: object = {}): Promise<string> {
  const { data } = await issue(more);
  return data.issueActivationKeys.keys[0];
}

const statusOf = (principal: ReturnType<typeof anAdmin>, key: string) =>
  harness.request(principal, '{ keyStatus(key: "' + key + '") { state plan termDays validUntil activatedAt } }');

describe('an activation key', () => {
  test('is redeemed once, however many try at once over two instances', async () => {
    const key = await aKey();
    const other = await harness.startAnotherInstance();
    const urls = [`${harness.url}/graphql`, `${other.url}/graphql`];
    const admins = Array.from({ length: 100 }, anAdmin);

    const answers = await Promise.all(
      admins.map((admin, index) =>
        sendSigned({ subgraph: 'auth', url: urls[index % 2] ?? '' }, admin, activateKey, { key }),
      ),
    );

    await other.stop();
    const codes = answers.map(codeOf);
    expect(codes.filter((code) => code === undefined)).toHaveLength(1);
    expect(codes.filter((code) => code === 'CONFLICT')).toHaveLength(99);
    const { tenantId, userId } = admins[codes.indexOf(undefined)] ?? {};
    const rows = await harness.sql(
      `select tenant_id, actor_id from audit_entry where action = 'activationKey.redeemed'`,
    );
    expect(rows).toEqual([{ tenant_id: tenantId, actor_id: userId }]);
  }, 60_000);

  test('may be sent again by the tenant that has it, and one plan comes of it', async () => {
    const key = await aKey();
    const admin = anAdmin();

    const first = await harness.request(admin, activateKey, { key });
    const again = await harness.request(admin, activateKey, { key: key.toLowerCase().replaceAll('-', ' ') });

    expect(first.data.activateKey).toMatchObject({ state: 'ACTIVATED', plan: 'pro', termDays: 30 });
    expect(again).toEqual(first);
    expect(again.errors).toBeUndefined();
    const { data } = await harness.request(admin, '{ auditLog { nodes { action } } }');
    expect(data.auditLog.nodes).toEqual([{ action: 'activationKey.redeemed' }]);
    await eventually(() => eventsOf(admin).length > 0, 20_000);
    const payload = { keyId: expect.any(String), plan: 'pro', termDays: 30, redeemedBy: admin.userId };
    expect(eventsOf(admin).map((event) => event.payload)).toEqual([payload]);
  });

  test('tells what it is good for, and nothing of the tenant that has it', async () => {
    const key = await aKey({ validUntil: '2999-01-01T00:00:00.000Z' });
    const [owner, stranger] = [anAdmin(), anAdmin()];
    const base = { plan: 'pro', termDays: 30, validUntil: '2999-01-01T00:00:00.000Z' };

    expect((await statusOf(stranger, key)).data.keyStatus).toEqual({ ...base, state: 'ISSUED', activatedAt: null });
    await harness.request(owner, activateKey, { key });
    expect((await statusOf(stranger, key)).data.keyStatus).toEqual({ ...base, state: 'ACTIVATED', activatedAt: null });
    expect((await statusOf(owner, key)).data.keyStatus.activatedAt).toEqual(expect.any(String));
  });

  test.each(['', 'nonsense', '00000-00000-00000-00000-00000', "' or 1=1 --"])('is not %j', async (key) => {
    expect(codeOf(await harness.request(anAdmin(), activateKey, { key }))).toBe('NOT_FOUND');
    expect(codeOf(await statusOf(anAdmin(), key))).toBe('NOT_FOUND');
  });

  test('is good for nothing once it has expired or was taken back', async () => {
    const { data } = await issue({ count: 2 });
    const { keys, batch } = data.issueActivationKeys;
    await harness.request(anAdmin(), activateKey, { key: keys[0] });
    const revoke = `mutation { revokeActivationBatch(id: "${batch.id}") { activatedCount revokedAt } }`;
    const revoked = await harness.request(platformAdmin, revoke);
    const expired = await aKey({ validUntil: '2999-01-01T00:00:00.000Z' });
    await harness.sql(
      `update activation_batch set valid_until = now() - interval '1 second' where valid_until is not null`,
    );

    expect(revoked.data.revokeActivationBatch).toEqual({ activatedCount: 1, revokedAt: expect.any(String) });
    for (const [key, state] of [
      [keys[1], 'REVOKED'],
      [expired, 'EXPIRED'],
    ]) {
      expect(codeOf(await harness.request(anAdmin(), activateKey, { key }))).toBe('PRECONDITION_FAILED');
      expect((await statusOf(anAdmin(), key)).data.keyStatus.state).toBe(state);
    }
  });

  test('is redeemed by who manages the tenant, and really is that person', async () => {
    const key = await aKey();
    const admin = anAdmin();

    const member = aUser({ tenantId: randomUUID() });
    expect(codeOf(await harness.request(member, activateKey, { key }))).toBe('FORBIDDEN');
    const impersonated = { ...admin, impersonatorId: randomUUID() };
    expect(codeOf(await harness.request(impersonated, activateKey, { key }))).toBe('FORBIDDEN');
    expect((await statusOf(admin, key)).data.keyStatus.state).toBe('ISSUED');
  });
});

describe('activation keys', () => {
  test('are issued by the platform alone, for plans that there are', async () => {
    const query = 'mutation ($input: IssueActivationKeysInput!) { issueActivationKeys(input: $input) { keys } }';
    const input = { name: 'own', plan: 'pro', count: 1 };

    expect(codeOf(await harness.request(anAdmin(), query, { input }))).toBe('FORBIDDEN');
    expect(codeOf(await issue({ plan: 'imaginary' }))).toBe('BAD_USER_INPUT');
    for (const wrong of [{ count: 0 }, { count: 1_001 }, { termDays: 0 }, { name: '' }]) {
      expect(codeOf(await issue(wrong))).toBe('BAD_USER_INPUT');
    }
    expect(codeOf(await issue({ validUntil: '2001-01-01T00:00:00.000Z' }))).toBe('BAD_USER_INPUT');
  });

  test('are listed by batch, with two queries however many batches, and kept as hashes', async () => {
    const { data } = await issue({ count: 3, name: 'listed' });
    const { keys } = data.issueActivationKeys;
    await harness.request(anAdmin(), activateKey, { key: keys[2] });
    harness.forgetQueries();

    const listed = await harness.request(
      platformAdmin,
      '{ activationBatches(first: 10) { nodes { name keyCount activatedCount } } }',
    );

    expect(listed.data.activationBatches.nodes[0]).toEqual({ name: 'listed', keyCount: 3, activatedCount: 1 });
    expect(harness.queries.filter((sql) => /select/i.test(sql) && /activation_/.test(sql))).toHaveLength(2);
    const rows = await harness.sql("select encode(code_hash, 'hex') as hash from activation_key");
    for (const key of keys) expect(JSON.stringify(rows)).not.toContain(key);
  });
});
