import { randomUUID } from 'node:crypto';
import { createInvitationToken } from '@tessera/tenant/invitations/invitation-token';
import { newId, withClient, withDatabase } from '@tessera/service/database';
import type { Principal } from '@tessera/service/identity';
import { eventually } from '../../support/eventually.js';
import { aUser, type SubgraphHarness } from '../../support/subgraph-harness.js';

export const invitationSecret = 'a-secret-for-invitations-in-tests-only';

/** Whoever runs the platform, in no tenant. */
export const platformAdmin: Principal = { ...aUser(), roles: ['SUPER_ADMIN'] };

export interface Organisation {
  readonly tenantId: string;
  readonly slug: string;
  readonly admin: Principal & { readonly userId: string };
}

/** A tenant of its own, and the person who made it, as its administrator. */
export async function anOrganisation(harness: Pick<SubgraphHarness, 'request'>): Promise<Organisation> {
  const slug = `org-${randomUUID().slice(0, 13)}`;
  const { userId } = aUser();
  const created = await harness.request(
    aUser({ userId }),
    'mutation ($slug: String!) { createTenant(input: { name: "Org", slug: $slug }) { id } }',
    { slug },
  );
  const tenantId: string = created.data.createTenant.id;
  return { tenantId, slug, admin: aUser({ userId, tenantId, role: 'TENANT_ADMIN' }) };
}

/** Invitations put there by the database's owner; no mail leaves. @returns the tokens of their links */
export async function invitationTokens(
  { adminUrl }: Pick<SubgraphHarness, 'adminUrl'>,
  tenantId: string,
  emails: readonly string[],
  { openToAnyone = false, secret = invitationSecret } = {},
): Promise<string[]> {
  const ids = emails.map(() => newId());
  await withClient(withDatabase(adminUrl, 'tessera_tenant'), (client) =>
    client.query(
      `insert into invitation (id, tenant_id, email, role, invited_by, expires_at, created_at, open_to_anyone)
       select id, $2, email, 'USER', $2, now() + interval '1 day', now(), $4
       from unnest($1::uuid[], $3::text[]) as invited (id, email)`,
      [ids, tenantId, emails, openToAnyone],
    ),
  );
  return ids.map((id) => createInvitationToken(secret, id));
}

/** The code of an answer's first error, or `ok`. */
export function codeOf({ errors }: Awaited<ReturnType<SubgraphHarness['request']>>): string {
  return errors?.[0]?.extensions.code ?? 'ok';
}

/** The code of an answer that comes of itself or after trying again: a busy instance lets in little, and says so. */
export async function codeWhenLetIn(send: () => ReturnType<SubgraphHarness['request']>): Promise<string> {
  let code = 'OVERLOADED';
  await eventually(async () => {
    code = codeOf(await send());
    return code !== 'OVERLOADED';
  }, 90_000);
  return code;
}

/** People who have accepted an invitation. */
export async function someMembers(
  harness: Pick<SubgraphHarness, 'request' | 'adminUrl'>,
  { tenantId }: Organisation,
  count: number,
): Promise<(Principal & { readonly userId: string })[]> {
  const tokens = await invitationTokens(
    harness,
    tenantId,
    Array.from({ length: count }, () => `${randomUUID()}@example.com`),
    {
      openToAnyone: true,
    },
  );
  return Promise.all(
    tokens.map(async (token) => {
      const user = aUser();
      const accept = 'mutation ($token: String!) { acceptInvitation(token: $token) { role } }';
      const code = await codeWhenLetIn(() => harness.request(user, accept, { token }));
      if (code !== 'ok') throw new Error(code);
      return aUser({ userId: user.userId, tenantId });
    }),
  );
}

/** Members put there by the database's owner, whom no event tells of. @returns their ids */
export async function addMembers(
  { adminUrl }: Pick<SubgraphHarness, 'adminUrl'>,
  { tenantId }: Organisation,
  count: number,
  { role = 'USER', isDeactivated = false } = {},
): Promise<string[]> {
  const userIds = Array.from({ length: count }, () => aUser().userId);
  await withClient(withDatabase(adminUrl, 'tessera_tenant'), (client) =>
    client.query(
      `insert into membership (id, tenant_id, user_id, role, joined_at, deactivated_at)
       select id, $3, user_id, $4, now(), case when $5 then now() end from unnest($1::uuid[], $2::uuid[]) as added (id, user_id)`,
      [userIds.map(() => newId()), userIds, tenantId, role, isDeactivated],
    ),
  );
  return userIds;
}
