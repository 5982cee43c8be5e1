import { expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { ask, send } from '../../support/graphql-client.js';
import { signIn, switchTenant } from '../people.js';
import type { Organisation } from './organisation.js';

const can = '{ can(permissions: ["files:write"]) }';

interface Named {
  readonly id: string;
  readonly displayName: string;
}

/** It says who may do what, and how its people have to sign in. */
export function defineOrder(of: () => Organisation): void {
  test('it makes a role of its own, and a group that gives it to two of its people', async () => {
    const { origin, tenantId, colleague, asFounder } = of();
    const { data } = await asFounder(
      'mutation ($input: CreateRoleInput!) { createRole(input: $input) { name permissions } }',
      { input: { name: 'picker', permissions: ['files:read', 'files:write'] } },
    );
    const made = await asFounder(
      'mutation { createGroup(input: { name: "Pickers", role: "picker" }) { id members { totalCount } } }',
    );
    const { id: groupId, members } = made.data.createGroup;

    const people = await asFounder('{ tenant { members { nodes { user { id displayName } } } } }');
    const users: readonly Named[] = people.data.tenant.members.nodes.map(({ user }: { user: Named }) => user);
    const pickers = users.filter(({ displayName }) => /Cleo|Gus/.test(displayName)).map(({ id }) => id);

    await asFounder('mutation ($input: GroupMembersInput!) { addGroupMembers(input: $input) { id } }', {
      input: { groupId, userIds: pickers },
    });

    expect(data.createRole).toEqual({ name: 'picker', permissions: ['files:read', 'files:write'] });
    expect(members).toEqual({ totalCount: 0 });
    // What a group gives is there a moment after somebody is in it.
    await eventually(async () => {
      const { accessToken } = await switchTenant(origin, (await signIn(origin, colleague)).accessToken, tenantId);
      return (await ask(origin, { query: can, token: accessToken })).can;
    });
  }, 60_000);

  test('it asks its people to sign in every day, and for nothing that would keep the founder out', async () => {
    const { origin, asFounder, enter } = of();
    const token = await enter();
    const update = (input: object) =>
      send(origin, {
        query: 'mutation ($input: UpdateSecurityPolicyInput!) { updateSecurityPolicy(input: $input) { version } }',
        variables: { input },
        token,
      });

    const refused = await update({ isMfaRequired: true });
    const accepted = await update({ maxSessionMinutes: 24 * 60 });

    expect(refused.errors?.[0]?.extensions.details).toEqual({ reason: 'WOULD_LOCK_OUT', refusal: 'MFA_REQUIRED' });
    expect(accepted.data).toEqual({ updateSecurityPolicy: { version: 1 } });
    expect((await asFounder('{ tenant { securityPolicy { maxSessionMinutes } } }')).data.tenant).toEqual({
      securityPolicy: { maxSessionMinutes: 1_440 },
    });
  });
}
