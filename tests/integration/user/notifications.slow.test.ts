import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDomainEvent } from '@tessera/service/events';
import type { Principal } from '@tessera/service/identity';
import { userSubgraph } from '@tessera/user/subgraph';
import { runSql } from '../../support/postgres-server.js';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { aFoundedTenant, fires, isResolved, joins, listQuery, markMutation } from './notified.js';
import { aPerson } from './people.js';

let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(userSubgraph);
}, 120_000);

afterAll(() => harness.stop());

const list = async (caller: Principal, variables = {}) => (await harness.request(caller, listQuery, variables)).data;

const aTenant = () => aFoundedTenant(harness);

describe('notifications', () => {
  test('tell a newcomer and the administrators of who joins, and a founder nothing', async () => {
    const { tenantId, admin } = await aTenant();
    const newcomer = await aPerson(harness, { displayName: 'Max Member' });
    await harness.deliver(joins(tenantId, newcomer.userId, 'USER'));

    const told = await list(admin);
    const tellsNewcomer = await list(newcomer);

    const data = { tenantName: 'Kestrel', role: 'USER' };
    expect(told.notifications.nodes).toEqual([
      {
        id: expect.any(String),
        kind: 'MEMBER_JOINED',
        data,
        readAt: null,
        tenant: { id: tenantId },
        subject: { displayName: 'Max Member' },
      },
    ]);
    expect(tellsNewcomer.notifications.nodes).toMatchObject([{ kind: 'JOINED_TENANT', data, subject: null }]);
    expect([told.unreadNotificationCount, tellsNewcomer.unreadNotificationCount]).toEqual([1, 1]);
  });

  test('tell of a role, of a removal, of an alert, of a quota and of an export whom each concerns', async () => {
    const { tenantId, admin } = await aTenant();
    const member = await aPerson(harness, { tenantId });
    const { userId } = member;
    const payload = { userId, role: 'USER', tenantName: 'Kestrel' };
    await harness.deliver(createDomainEvent({ type: 'member.roleChanged', tenantId, payload }));
    await harness.deliver(createDomainEvent({ type: 'member.removed', tenantId, payload }));
    await harness.deliver(createDomainEvent({ type: 'export.ready', tenantId, payload: { userId, exportId: 'e1' } }));
    await harness.deliver(fires(tenantId));
    await harness.deliver(isResolved(tenantId));
    await harness.deliver(createDomainEvent({ type: 'quota.warning', tenantId, payload: { quota: 'seats' } }));

    const kindsOf = async (caller: Principal) =>
      (await list(caller)).notifications.nodes.map(({ kind, data }: { kind: string; data: object }) => [kind, data]);

    expect(await kindsOf(member)).toEqual([
      ['EXPORT_READY', { exportId: 'e1' }],
      ['REMOVED_FROM_TENANT', { tenantName: 'Kestrel' }],
      ['ROLE_CHANGED', { role: 'USER', tenantName: 'Kestrel' }],
      ['JOINED_TENANT', { role: 'USER' }],
    ]);
    expect(await kindsOf(admin)).toMatchObject([
      ['QUOTA_WARNING', { quota: 'seats' }],
      ['ALERT_RESOLVED', { ruleName: 'Errors', value: 7, threshold: 5 }],
      ['ALERT_FIRED', { ruleName: 'Errors', value: 7, threshold: 5 }],
      ['MEMBER_JOINED', { role: 'USER' }],
    ]);
  });

  test('are made once of an event that is delivered again, and after it was forgotten that it was', async () => {
    const { tenantId, admin } = await aTenant();
    const event = fires(tenantId);
    await harness.deliver(event);
    await harness.deliver(event);
    await runSql(harness.databaseUrl, 'delete from consumed_event');
    await harness.deliver(event);

    expect((await list(admin)).notifications.totalCount).toBe(1);
  });

  test('go by the channels that a person has chosen, mails not in their quiet hours', async () => {
    const { tenantId, admin } = await aTenant();
    const due: unknown[] = [];
    const mailed = Promise.withResolvers<void>();
    const consumer = harness.eventBus.subscribe({
      consumer: 'mail-test',
      types: ['notification.mailDue'],
      async handle({ payload }) {
        if (payload['userId'] !== admin.userId) return;
        due.push(payload);
        if (due.length === 2) mailed.resolve();
      },
    });
    const clock = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
    const choose = (preferences: object) =>
      harness.request(admin, 'mutation ($p: JSON!) { updatePreferences(input: { preferences: $p }) { id } }', {
        p: { notifications: preferences },
      });

    await choose({ kinds: { ALERT_FIRED: { inApp: false, mail: true } } });
    await harness.deliver(fires(tenantId));
    await choose({ quietHours: { from: clock(-2), to: clock(2) } });
    await harness.deliver(fires(tenantId));
    await choose({ kinds: { ALERT_FIRED: null }, quietHours: null });
    await harness.deliver(fires(tenantId));
    await mailed.promise;
    await consumer.close();

    expect((await list(admin)).notifications.totalCount).toBe(1);
    const data = expect.objectContaining({ ruleName: 'Errors' });
    expect(due).toEqual([
      { userId: admin.userId, kind: 'ALERT_FIRED', data, notBefore: null },
      { userId: admin.userId, kind: 'ALERT_FIRED', data, notBefore: expect.stringContaining('T') },
    ]);
  });

  test('come in pages, the newest first, all or only the unread', async () => {
    const { tenantId, admin } = await aTenant();
    for (let count = 0; count < 5; count += 1) await harness.deliver(fires(tenantId));
    const first = await list(admin, { first: 3 });
    const ids = first.notifications.nodes.map(({ id }: { id: string }) => id);

    const marked = await harness.request(admin, markMutation, { ids });
    const again = await harness.request(admin, markMutation, { ids });
    const rest = await list(admin, { first: 3, after: first.notifications.pageInfo.endCursor });
    const unread = await list(admin, { unreadOnly: true });

    expect(ids).toEqual([...ids].sort().reverse());
    // By these a client's cache learns that they were read, also those that were before.
    const notifications = ids.map((id: string) => ({ id, readAt: expect.any(String) }));
    expect(marked.data.markNotificationsRead).toEqual({ marked: 3, unreadCount: 2, notifications });
    expect(again.data.markNotificationsRead).toEqual({ ...marked.data.markNotificationsRead, marked: 0 });
    expect(rest.notifications.nodes).toHaveLength(2);
    expect(unread.notifications).toMatchObject({ nodes: rest.notifications.nodes, totalCount: 2 });
  });

  test('are all marked as read at once', async () => {
    const { tenantId, admin } = await aTenant();
    for (let count = 0; count < 3; count += 1) await harness.deliver(fires(tenantId));

    const marked = await harness.request(
      admin,
      'mutation { markAllNotificationsRead { marked unreadCount notifications { id } } }',
    );

    expect(marked.data.markAllNotificationsRead).toEqual({ marked: 3, unreadCount: 0, notifications: [] });
  });

  test('are kept as far as the last thousand of a person', async () => {
    const { tenantId, admin } = await aTenant();
    await runSql(
      harness.databaseUrl,
      `set app.service = 'on'`,
      `insert into notification (id, user_id, event_id, kind, data, created_at)
       select gen_random_uuid(), '${admin.userId}', gen_random_uuid(), 'ALERT_FIRED', '{}', now()
       from generate_series(1, 1010)`,
      // Older than whatever comes now: ids are in the order of creation.
      `update notification set id = ('00000000' || substr(id::text, 9))::uuid where user_id = '${admin.userId}'`,
    );
    await harness.deliver(fires(tenantId));

    const { notifications } = await list(admin, { first: 1 });

    expect(notifications.totalCount).toBe(1_000);
    expect(notifications.nodes[0].data).toMatchObject({ ruleName: 'Errors' });
  });

  test('with their tenants and people cost the same number of queries for one and for thirty', async () => {
    const { tenantId, admin } = await aTenant();
    const count = async (): Promise<number> => {
      harness.forgetQueries();
      const { notifications } = await list(admin, { first: 100 });
      expect(notifications.nodes.every(({ subject }: { subject: unknown }) => subject !== null)).toBe(true);
      // What the subgraph does by itself meanwhile is not the request's.
      return harness.queries.filter((sql) => /from "(notification|user_profile|tenant_member)"/.test(sql)).length;
    };
    await aPerson(harness, { tenantId });
    const ofOne = await count();
    for (let people = 0; people < 29; people += 1) await aPerson(harness, { tenantId });

    expect([ofOne, await count()]).toEqual([4, 4]);
  }, 120_000);

  test.each([
    ['a page of nothing', listQuery, { first: 0 }],
    ['a cursor of another list', listQuery, { after: 'bm9uc2Vuc2U' }],
    ['an id that is none', markMutation, { ids: ['../x'] }],
    ['no ids', markMutation, { ids: [] }],
    ['too many ids', markMutation, { ids: Array.from({ length: 101 }, () => randomUUID()) }],
  ])('refuse %s', async (_name, query, variables) => {
    const answer = await harness.request(aUser(), query, variables);

    expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});
