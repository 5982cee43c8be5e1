import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { auditEventType } from '@tessera/service/audit';
import { withClient, withDatabase } from '@tessera/service/database';
import { createDomainEvent, type DomainEvent } from '@tessera/service/events';
import { tenantStatusEventType } from '@tessera/service/tenancy';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { eventually } from '../../support/eventually.js';
import { startFakeAuthSubgraph, type FakeAuthSubgraph } from '../../support/fake-auth-subgraph.js';
import { anonymous, aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { anOrganisation, codeOf, invitationSecret, platformAdmin, type Organisation } from './organisation.js';

const fields = 'id kind subjectId status dueAt completedAt reports { subgraph counts }';
const requestMutation = `mutation ($scope: ErasureScope!) { requestErasure(input: { scope: $scope }) { ${fields} } }`;
const cancelMutation = `mutation ($id: ID!) { cancelErasure(id: $id) { ${fields} } }`;
const erasureQuery = `query ($id: ID) { erasure(id: $id) { ${fields} } }`;
const holdMutation = (verb: string): string =>
  `mutation ($input: LegalHoldInput!) { ${verb}LegalHold(input: $input) { id clearedAt } }`;

let accounts: FakeAuthSubgraph;
/** Erases after a week, and at once. */
let patient: SubgraphHarness;
let prompt: SubgraphHarness;
const published: DomainEvent[] = [];

beforeAll(async () => {
  accounts = await startFakeAuthSubgraph();
  const environment = { INVITATION_SECRET: invitationSecret, MAIL_URL: 'console:', AUTH_SUBGRAPH_URL: accounts.url };
  patient = await startSubgraphHarness(tenantSubgraph, { environment });
  prompt = await startSubgraphHarness(tenantSubgraph, {
    environment: { ...environment, ERASURE_GRACE_HOURS: '0', ERASURE_SUBGRAPHS: 'tenant,elsewhere' },
  });
  prompt.eventBus.subscribe({
    consumer: 'watcher',
    types: ['erasure.started', auditEventType, tenantStatusEventType],
    handle: async (event) => void published.push(event),
  });
}, 60_000);

afterAll(async () => {
  await Promise.all([patient.stop(), prompt.stop()]);
  await accounts.stop();
});

const hold = (harness: SubgraphHarness, verb: 'set' | 'clear', kind: 'TENANT' | 'PERSON', subjectId: string) =>
  harness.request(platformAdmin, holdMutation(verb), { input: { kind, subjectId, reason: 'case 7' } });

const erasePerson = 'mutation ($input: ErasePersonInput!) { erasePerson(input: $input) { id kind subjectId status } }';

/** Rows that a tenant has in the database of the harness, by table. */
async function rowsOf(harness: SubgraphHarness, { tenantId }: Organisation): Promise<Record<string, number>> {
  return withClient(withDatabase(harness.adminUrl, 'tessera_tenant'), async (client) => {
    const counts: Record<string, number> = {};
    for (const table of ['tenant', 'membership', 'invitation', 'tenant_slug', 'role']) {
      const key = table === 'tenant' ? 'id' : 'tenant_id';
      const { rows } = await client.query(`select count(*)::int as n from ${table} where ${key} = $1`, [tenantId]);
      counts[table] = rows[0].n;
    }
    return counts;
  });
}

describe('the erasure of a tenant', () => {
  test('is asked for by an administrator with a recent proof, and by nobody else', async () => {
    const organisation = await anOrganisation(patient);
    const member = aUser({ tenantId: organisation.tenantId });
    const impersonated = { ...organisation.admin, impersonatorId: aUser().userId };
    const manager = { ...organisation.admin, roles: ['Manager'] };
    const ask = (caller: typeof member) => patient.request(caller, requestMutation, { scope: 'TENANT' });

    expect(codeOf(await patient.request(anonymous, requestMutation, { scope: 'TENANT' }))).toBe('UNAUTHENTICATED');
    for (const caller of [member, impersonated, manager]) expect(codeOf(await ask(caller))).toBe('FORBIDDEN');
    accounts.setRecent(false);
    const stale = await ask(organisation.admin);
    accounts.setRecent(true);

    expect(stale.errors?.[0]?.extensions).toMatchObject({
      code: 'PRECONDITION_FAILED',
      details: { reason: 'REAUTHENTICATION_REQUIRED', needs: ['password'] },
    });
    expect((await ask(organisation.admin)).data.requestErasure).toMatchObject({
      kind: 'TENANT',
      subjectId: organisation.tenantId,
      status: 'SCHEDULED',
      reports: [],
    });
  });

  test('locks the tenant and can be cancelled, until it begins, by administrators who are not in it any more', async () => {
    const organisation = await anOrganisation(patient);
    const outside = aUser({ userId: organisation.admin.userId });
    const { data } = await patient.request(organisation.admin, requestMutation, { scope: 'TENANT' });
    const { id } = data.requestErasure;
    const statusOf = async () =>
      (await patient.request(outside, 'query ($id: ID) { tenant(id: $id) { status } }', { id: organisation.tenantId }))
        .data.tenant.status;

    expect(await statusOf()).toBe('DELETING');
    const again = await patient.request(organisation.admin, requestMutation, { scope: 'TENANT' });
    expect(again.data.requestErasure.id).toBe(id);
    expect(codeOf(await patient.request(aUser(), cancelMutation, { id }))).toBe('NOT_FOUND');
    const cancelled = await patient.request(outside, cancelMutation, { id });

    expect(cancelled.data.cancelErasure).toMatchObject({ id, status: 'CANCELLED' });
    expect(await statusOf()).toBe('ACTIVE');
    expect((await patient.request(outside, cancelMutation, { id })).data.cancelErasure.status).toBe('CANCELLED');
  });

  test('is seen by who asked for it and by who runs the platform, in GraphQL and in SQL', async () => {
    const organisation = await anOrganisation(patient);
    const { data } = await patient.request(organisation.admin, requestMutation, { scope: 'TENANT' });
    const { id } = data.requestErasure;
    const other = await anOrganisation(patient);
    const see = (setting: string, value: string) =>
      withClient(patient.databaseUrl, async (client) => {
        await client.query('begin');
        await client.query('select set_config($1, $2, true)', [setting, value]);
        return (await client.query('select id from erasure where id = $1', [id])).rows.length;
      });

    for (const caller of [organisation.admin, platformAdmin]) {
      expect((await patient.request(caller, erasureQuery, { id })).data.erasure.id).toBe(id);
    }
    for (const caller of [other.admin, aUser()]) {
      expect(codeOf(await patient.request(caller, erasureQuery, { id }))).toBe('NOT_FOUND');
      expect((await patient.request(caller, erasureQuery)).data.erasure).toBeNull();
    }
    expect(await see('app.user_id', organisation.admin.userId)).toBe(1);
    expect(await see('app.user_id', other.admin.userId)).toBe(0);
    expect(await see('app.tenant_id', other.tenantId)).toBe(0);
    expect(await see('app.nothing', '')).toBe(0);
  });

  test('deletes all that is the tenant’s and nothing else, and is certified once everybody has reported', async () => {
    const [organisation, neighbour] = [await anOrganisation(prompt), await anOrganisation(prompt)];
    const before = await rowsOf(prompt, neighbour);

    const { data } = await prompt.request(organisation.admin, requestMutation, { scope: 'TENANT' });
    const { id } = data.requestErasure;
    const read = async () => (await prompt.request(organisation.admin, erasureQuery, { id })).data.erasure;
    await eventually(async () => (await read()).reports.length === 1, 40_000);

    expect(await read()).toMatchObject({
      status: 'RUNNING',
      reports: [{ subgraph: 'tenant', counts: { membership: 1, tenant: 1, tenant_slug: 1 } }],
    });
    expect(Object.values(await rowsOf(prompt, organisation))).toEqual([0, 0, 0, 0, 0]);
    expect(await rowsOf(prompt, neighbour)).toEqual(before);
    expect(codeOf(await prompt.request(organisation.admin, cancelMutation, { id }))).toBe('PRECONDITION_FAILED');

    const payload = { erasureId: id, subgraph: 'elsewhere', counts: { thing: 3 } };
    await prompt.deliver(createDomainEvent({ type: 'erasure.completed', payload }));
    await prompt.deliver(createDomainEvent({ type: 'erasure.completed', payload }));

    expect((await read()).status).toBe('COMPLETED');
    const isCertificate = ({ payload: record }: DomainEvent) =>
      record['action'] === 'tenant.erased' && record['targetId'] === organisation.tenantId;
    await eventually(() => published.some(isCertificate));
    const certificates = published.filter(isCertificate).map((event) => event.payload['details']);
    expect(certificates).toEqual([
      expect.objectContaining({ counts: { tenant: expect.any(Object), elsewhere: { thing: 3 } } }),
    ]);
    expect(JSON.stringify(certificates)).not.toContain(organisation.admin.userId);
  }, 60_000);
});

describe('a legal hold', () => {
  test('is the platform’s business, and forbids to ask for what it holds', async () => {
    const organisation = await anOrganisation(patient);
    const input = { kind: 'TENANT', subjectId: organisation.tenantId, reason: 'mine' };

    expect(codeOf(await patient.request(organisation.admin, holdMutation('set'), { input }))).toBe('FORBIDDEN');
    expect(codeOf(await hold(patient, 'set', 'TENANT', organisation.tenantId))).toBe('ok');
    const refused = await patient.request(organisation.admin, requestMutation, { scope: 'TENANT' });
    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: 'PRECONDITION_FAILED',
      details: { reason: 'LEGAL_HOLD' },
    });
    expect(codeOf(await hold(patient, 'clear', 'TENANT', organisation.tenantId))).toBe('ok');
    expect(codeOf(await hold(patient, 'clear', 'TENANT', organisation.tenantId))).toBe('NOT_FOUND');
    expect(codeOf(await patient.request(organisation.admin, requestMutation, { scope: 'TENANT' }))).toBe('ok');
    const listed = await patient.request(platformAdmin, '{ legalHolds { nodes { subjectId reason clearedAt } } }');
    expect(listed.data.legalHolds.nodes).toContainEqual({
      subjectId: organisation.tenantId,
      reason: 'case 7',
      clearedAt: expect.any(String),
    });
  });
});

describe('the erasure of a person', () => {
  test('waits until no tenant would be left without an administrator', async () => {
    const { admin, tenantId } = await anOrganisation(patient);

    const refused = await patient.request(admin, requestMutation, { scope: 'MYSELF' });
    expect(refused.errors?.[0]?.extensions.details).toEqual({ reason: 'LAST_ADMINISTRATOR', tenantIds: [tenantId] });

    await patient.request(admin, requestMutation, { scope: 'TENANT' });
    expect(codeOf(await patient.request(admin, requestMutation, { scope: 'MYSELF' }))).toBe('ok');
  });

  test('is asked for by the platform too, with a reason and a recent proof, and cancelled by the platform alone', async () => {
    const { tenantId, admin } = await anOrganisation(patient);
    const { userId } = aUser();
    const erase = (caller: Parameters<SubgraphHarness['request']>[0], id: string = userId) =>
      patient.request(caller, erasePerson, { input: { userId: id, reason: 'letter of 7 May' } });

    expect(codeOf(await erase(admin))).toBe('FORBIDDEN');
    expect(codeOf(await erase(anonymous))).toBe('UNAUTHENTICATED');
    accounts.setRecent(false);
    expect(codeOf(await erase(platformAdmin))).toBe('PRECONDITION_FAILED');
    accounts.setRecent(true);
    const nobody = aUser().userId;
    accounts.setUnknown(nobody);
    expect(codeOf(await erase(platformAdmin, nobody))).toBe('NOT_FOUND');
    expect((await erase(platformAdmin, admin.userId)).errors?.[0]?.extensions.details).toEqual({
      reason: 'LAST_ADMINISTRATOR',
      tenantIds: [tenantId],
    });
    await hold(patient, 'set', 'PERSON', userId);
    expect((await erase(platformAdmin)).errors?.[0]?.extensions.details).toEqual({ reason: 'LEGAL_HOLD' });
    await hold(patient, 'clear', 'PERSON', userId);

    const { data } = await erase(platformAdmin);
    const { id } = data.erasePerson;
    expect(data.erasePerson).toMatchObject({ kind: 'PERSON', subjectId: userId, status: 'SCHEDULED' });
    expect((await erase(platformAdmin)).data.erasePerson.id).toBe(id);
    // The person sees it, and cannot stop it.
    expect((await patient.request(aUser({ userId }), erasureQuery, { id })).data.erasure.id).toBe(id);
    expect(codeOf(await patient.request(aUser({ userId }), cancelMutation, { id }))).toBe('FORBIDDEN');
    expect((await patient.request(platformAdmin, cancelMutation, { id })).data.cancelErasure.status).toBe('CANCELLED');
  });
});
