import { randomUUID } from 'node:crypto';
import { ask } from '../support/graphql-client.js';
import type { ReadInvitation } from '../support/invitation-mails.js';

/** A platform as its users reach it. */
export interface PlatformUnderTest {
  /** `http://host:port` of a gateway. */
  readonly origin: string;
  readonly readInvitation: ReadInvitation;
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Someone who is signed in. */
export interface Person extends Tokens {
  readonly id: string;
  readonly email: string;
  readonly displayName: string;
}

/** A tenant with the person who made it and one who was invited; both have it as their active tenant. */
export interface Team {
  readonly tenantId: string;
  readonly tenantName: string;
  readonly admin: Person;
  readonly member: Person;
}

const password = 'correct horse battery staple';

/** Signs up somebody new. */
export async function signUp(origin: string, displayName: string): Promise<Person> {
  const email = `${displayName.toLowerCase().replaceAll(' ', '.')}.${randomUUID()}@example.com`;
  const query =
    'mutation ($input: SignUpInput!) { signUp(input: $input) { user { id displayName } tokens { accessToken refreshToken } } }';
  const { signUp: payload } = await ask(origin, { query, variables: { input: { email, password, displayName } } });
  return { id: payload.user.id, email, displayName: payload.user.displayName, ...payload.tokens };
}

/** Signs in again, in a session of its own. */
export async function signIn(origin: string, { email }: Person): Promise<Tokens> {
  const query =
    'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignedIn { tokens { accessToken refreshToken } } } }';
  const { signIn: payload } = await ask(origin, { query, variables: { input: { email, password } } });
  return payload.tokens;
}

/** Makes a tenant and enters it. */
export async function createTenant(
  origin: string,
  { accessToken }: Person,
  name: string,
): Promise<Tokens & { readonly tenantId: string }> {
  const query = 'mutation ($input: CreateTenantInput!) { createTenant(input: $input) { id } }';
  const slug = `${name.toLowerCase().replaceAll(' ', '-')}-${randomUUID().slice(0, 8)}`;
  const { createTenant: tenant } = await ask(origin, {
    query,
    variables: { input: { name, slug } },
    token: accessToken,
  });
  return { tenantId: tenant.id, ...(await switchTenant(origin, accessToken, tenant.id)) };
}

/** Makes a tenant the active one. */
export async function switchTenant(origin: string, token: string, tenantId: string): Promise<Tokens> {
  const query = 'mutation ($id: ID!) { switchTenant(tenantId: $id) { accessToken refreshToken } }';
  return (await ask(origin, { query, variables: { id: tenantId }, token })).switchTenant;
}

/** Invites somebody, takes the token out of the mail, and accepts and enters on their behalf. */
export async function invite(
  { origin, readInvitation }: PlatformUnderTest,
  admin: Person,
  invited: Person,
  tenantId: string,
): Promise<Tokens> {
  await ask(origin, {
    query: 'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { id status } }',
    variables: { input: { email: invited.email } },
    token: admin.accessToken,
  });
  const token = await readInvitation(invited.email);
  await ask(origin, {
    query: 'mutation ($token: String!) { acceptInvitation(token: $token) { role tenant { id } } }',
    variables: { token },
    token: invited.accessToken,
  });
  return switchTenant(origin, invited.accessToken, tenantId);
}

/** Two people sign up; one makes a tenant, invites the other, and both enter it. */
export async function foundTeam(platform: PlatformUnderTest, tenantName: string): Promise<Team> {
  const { origin } = platform;
  const [founder, invited] = await Promise.all([signUp(origin, 'Ada Admin'), signUp(origin, 'Max Member')]);
  const { tenantId, ...adminTokens } = await createTenant(origin, founder, tenantName);
  const admin = { ...founder, ...adminTokens };
  const member = { ...invited, ...(await invite(platform, admin, invited, tenantId)) };
  return { tenantId, tenantName, admin, member };
}
