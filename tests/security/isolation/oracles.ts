import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Things } from './field-case.js';
import { withoutIds } from './matrix-call.js';
import { mark, type Attacked } from './world.js';

/** What a stranger has of their own, to send beside what is the tenant's. */
interface Own {
  readonly userId: string;
  readonly groupId: string;
}

/** What belongs to the tenant, and what is like it and nobody's. */
interface Probe {
  readonly theirs: string;
  readonly nobodys: string;
}

interface Oracle {
  readonly query: string;
  readonly variables: (named: string, own: Own) => object;
  readonly probe: (things: Things & { readonly roleName: string }) => Probe;
}

const id = (theirs: string): Probe => ({ theirs, nobodys: randomUUID() });
const email = (theirs: string): Probe => ({ theirs, nobodys: `${randomUUID()}@example.com` });
const adding = 'mutation ($input: GroupMembersInput!) { done: addGroupMembers(input: $input) { id } }';
const removing = 'mutation ($input: GroupMembersInput!) { done: removeGroupMembers(input: $input) { id } }';
const auditing = 'query ($filter: AuditFilter) { auditLog(first: 5, filter: $filter) { nodes { id } totalCount } }';
const searching = 'query ($search: String) { users(search: $search) { nodes { id } totalCount } }';
const inHour = (): object => ({
  from: new Date(Date.now() - 3_600_000).toISOString(),
  to: new Date().toISOString(),
});

/** Each takes a thing of the stranger's own, or none, and names beside it one of the tenant's. */
const oracles: Readonly<Record<string, Oracle>> = {
  'a member of the tenant for the own group': {
    query: adding,
    variables: (named, { groupId }) => ({ input: { groupId, userIds: [named] } }),
    probe: ({ memberId }) => id(memberId),
  },
  'a member of the tenant beside an own one': {
    query: adding,
    variables: (named, { groupId, userId }) => ({ input: { groupId, userIds: [userId, named] } }),
    probe: ({ adminId }) => id(adminId),
  },
  'a member of the tenant to take out of the own group': {
    query: removing,
    variables: (named, { groupId }) => ({ input: { groupId, userIds: [named] } }),
    probe: ({ memberId }) => id(memberId),
  },
  'oneself for the tenant’s group': {
    query: adding,
    variables: (named, { userId }) => ({ input: { groupId: named, userIds: [userId] } }),
    probe: ({ groupId }) => id(groupId),
  },
  'the tenant’s role for a group': {
    query: 'mutation ($input: CreateGroupInput!) { done: createGroup(input: $input) { id } }',
    variables: (named) => ({ input: { name: `Stranger ${randomUUID()}`, role: named } }),
    probe: ({ roleName }) => ({ theirs: roleName, nobodys: `${mark}-${randomUUID()}` }),
  },
  'the tenant’s role for an invitation': {
    query: 'mutation ($input: InviteMemberInput!) { done: inviteMember(input: $input) { id } }',
    variables: (named) => ({ input: { email: `${randomUUID()}@example.com`, role: named } }),
    probe: ({ roleName }) => ({ theirs: roleName, nobodys: `${mark}-${randomUUID()}` }),
  },
  'the tenant’s role for oneself': {
    query: 'mutation ($input: ChangeMemberRoleInput!) { done: changeMemberRole(input: $input) { role } }',
    variables: (named, { userId }) => ({ input: { userId, role: named } }),
    probe: ({ roleName }) => ({ theirs: roleName, nobodys: `${mark}-${randomUUID()}` }),
  },
  'the address of a member of the tenant, to invite': {
    query: 'mutation ($input: InviteMemberInput!) { done: inviteMember(input: $input) { id role } }',
    variables: (named) => ({ input: { email: named } }),
    probe: ({ memberEmail }) => email(memberEmail),
  },
  'something of the tenant, in the own audit log': {
    query: auditing,
    variables: (named) => ({ filter: { targetId: named } }),
    probe: ({ apiKeyId }) => id(apiKeyId),
  },
  'somebody of the tenant, in the own audit log': {
    query: auditing,
    variables: (named) => ({ filter: { actorId: named } }),
    probe: ({ adminId }) => id(adminId),
  },
  'somebody of the tenant as whom it concerns, in the own audit log': {
    query: auditing,
    variables: (named) => ({ filter: { subjectId: named } }),
    probe: ({ memberId }) => id(memberId),
  },
  'somebody of the tenant in others’ names, in the own audit log': {
    query: auditing,
    variables: (named) => ({ filter: { impersonatorId: named } }),
    probe: ({ adminId }) => id(adminId),
  },
  'an address, among the own members': {
    query: searching,
    variables: (named) => ({ search: named }),
    probe: ({ memberEmail }) => email(memberEmail),
  },
  'somebody of the tenant, in the own metrics': {
    query: 'query ($query: MetricsQuery!) { metrics(query: $query) { rows { measures { value } } } }',
    variables: (named) => ({
      query: {
        measures: [{ kind: 'COUNT' }],
        range: inHour(),
        filters: [{ dimension: 'userId', operator: 'EQUALS', values: [named] }],
      },
    }),
    probe: ({ adminId }) => id(adminId),
  },
  'a notification of the tenant’s administrator': {
    query: 'mutation ($ids: [ID!]!) { markNotificationsRead(ids: $ids) { marked notifications { kind } } }',
    variables: (named) => ({ ids: [named] }),
    probe: ({ notificationId }) => id(notificationId),
  },
  'the tenant, to enter it': {
    query: 'mutation ($id: ID!) { switchTenant(tenantId: $id) { expiresIn } }',
    variables: (named) => ({ id: named }),
    probe: ({ tenantId }) => id(tenantId),
  },
};

/** A thing of the tenant in the place of one that is nobody's: by no answer, and no text of one, may it be told which was sent. */
export function defineOracles({ sendAs, things }: Attacked): void {
  describe('a stranger cannot tell from something that is nobody’s', () => {
    let own: Promise<Own> | undefined;
    const ownThings = async (): Promise<Own> => {
      const query = 'mutation ($input: CreateGroupInput!) { createGroup(input: $input) { id } }';
      const made = await sendAs('stranger', { query, variables: { input: { name: 'Stranger group' } } });
      const { data } = await sendAs('stranger', { query: '{ me { id } }' });
      return { userId: data.me.id, groupId: made.data.createGroup.id };
    };

    test.each(Object.entries(oracles))('%s', async (_name, { query, variables, probe }) => {
      const roles = await sendAs('admin', { query: '{ roles { id name } }' });
      const { roleId } = things();
      const { name: roleName } = roles.data.roles.find((role: { readonly id: string }) => role.id === roleId);
      const { theirs, nobodys } = probe({ ...things(), roleName });
      own ??= ownThings();
      const mine = await own;
      const answerTo = async (named: string): Promise<string> => {
        const { data, errors } = await sendAs('stranger', { query, variables: variables(named, mine) });
        const faults = errors?.map(({ extensions: { requestId: _id, ...rest }, ...error }) => ({ ...error, ...rest }));
        return withoutIds(JSON.stringify({ data, faults }).replaceAll(named, '<named>'));
      };

      const [first, second, again] = [await answerTo(theirs), await answerTo(nobodys), await answerTo(theirs)];

      expect(theirs).not.toBe('');
      expect([first, again]).toEqual([second, second]);
    });
  });
}
