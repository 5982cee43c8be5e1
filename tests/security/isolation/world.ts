import { randomBytes, randomUUID } from 'node:crypto';
import { eventually } from '../../support/eventually.js';
import { ask, send, type GraphqlRequest, type GraphqlResponse } from '../../support/graphql-client.js';
import { createTenant, foundTeam, invite, signIn, signUp, switchTenant } from '../../e2e/people.js';
import type { Person, PlatformUnderTest, Team, Tokens } from '../../e2e/people.js';
import { upload } from '../../e2e/uploads.js';
import type { CallerName, Maker, Things } from './field-case.js';

/** Part of the names of all things of the tenant: where it appears, the tenant shows. */
export const mark = 'Kestrel';
export const platformAdminEmail = 'platform@example.com';

/** A tenant with one of everything, and people in it and outside of it. */
export interface World {
  readonly things: Things;
  readonly maker: Maker;
  /** What a caller sends as `Authorization`. */
  authorization(caller: CallerName): string | undefined;
  /** The same of a session that serves for nothing else. */
  freshAuthorization(caller: CallerName): Promise<string | undefined>;
  /** Raises alerts in the tenant and in the stranger's, again and again. */
  raiseAlertsUntil(signal: AbortSignal): Promise<void>;
}

/** What is sent against a world. */
export interface Attacked {
  origin(): string;
  things(): Things;
  /** What a caller sends as `Authorization`. */
  authorization(caller: CallerName): string | undefined;
  /** Sends an operation as one of the callers, by plain `fetch`. */
  sendAs(
    caller: CallerName,
    request: Omit<GraphqlRequest, 'token'>,
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape is the assertion's business
  ): Promise<GraphqlResponse<any>>;
}

/**
 * Founds the tenant that others try to look into, another one, and one that is suspended.
 *
 * @param expire makes a token of the same session that has expired, of one that has not
 */
export async function createWorld(
  platform: PlatformUnderTest,
  expire: (accessToken: string) => Promise<string>,
): Promise<World> {
  const { origin } = platform;
  const [owner, stranger, locked] = await Promise.all([
    foundTeam(platform, `${mark} Ltd`),
    foundTeam(platform, 'Stranger Ltd'),
    signUp(origin, 'Lou Locked'),
  ]);
  const lockedTenant = await createTenant(origin, locked, 'Locked Ltd');
  const ended = await openSession(origin, owner.admin, owner.tenantId);
  await mutate(origin, ended.accessToken, 'mutation { signOut }');
  const lockedOut = await suspend(origin, lockedTenant);
  const maker = createMaker(platform, owner);
  const [acquired, expired] = await Promise.all([acquire(origin, owner, maker), expire(owner.admin.accessToken)]);
  const things = { ...maker.things, ...acquired };
  await raiseAlert(origin, stranger.admin.accessToken, 'Stranger rule');

  const people: Readonly<Record<CallerName, { token?: string; person?: Person; tenantId?: string }>> = {
    admin: { token: owner.admin.accessToken, person: owner.admin, tenantId: owner.tenantId },
    member: { token: owner.member.accessToken, person: owner.member, tenantId: owner.tenantId },
    stranger: { token: stranger.admin.accessToken, person: stranger.admin, tenantId: stranger.tenantId },
    anonymous: {},
    expired: { token: expired },
    signedOut: { token: ended.accessToken },
    suspended: { token: lockedTenant.accessToken },
    lockedOut: { token: lockedOut.accessToken, person: locked },
  };
  const bearer = (token: string | undefined): string | undefined => token && `Bearer ${token}`;

  return {
    things,
    maker: { ...maker, things },
    authorization: (caller) => bearer(people[caller].token),
    async freshAuthorization(caller) {
      const { person, tenantId, token } = people[caller];
      return bearer(person === undefined ? token : (await openSession(origin, person, tenantId)).accessToken);
    },
    async raiseAlertsUntil(signal) {
      while (!signal.aborted) {
        await raiseAlert(origin, owner.admin.accessToken, `${mark} alarm`);
        await raiseAlert(origin, stranger.admin.accessToken, 'Stranger alarm');
      }
    },
  };
}

async function openSession(origin: string, person: Person, tenantId: string | undefined): Promise<Tokens> {
  const opened = await signIn(origin, person);
  return tenantId === undefined ? opened : switchTenant(origin, opened.accessToken, tenantId);
}

/** Locks a tenant; answers the tokens that its administrator gets after that. */
async function suspend(origin: string, { tenantId, accessToken, refreshToken }: Tokens & { tenantId: string }) {
  const { signUp: payload } = await mutate(
    origin,
    undefined,
    'mutation ($input: SignUpInput!) { signUp(input: $input) { tokens { accessToken } } }',
    { email: platformAdminEmail, password: randomUUID(), displayName: 'Pat Platform' },
  );
  const suspending = 'mutation ($input: SuspendTenantInput!) { suspendTenant(input: $input) { status } }';
  await mutate(origin, payload.tokens.accessToken, suspending, { tenantId, reason: 'unpaid' });
  await eventually(
    async () => (await send(origin, { query: '{ me { id } }', token: accessToken })).code === 'UNAUTHENTICATED',
  );
  const query = 'mutation ($token: String!) { refreshTokens(refreshToken: $token) { accessToken refreshToken } }';
  let tokens: Tokens = { accessToken, refreshToken };
  // The gateway may know of it before auth does, whose next tokens are of no tenant.
  await eventually(async () => {
    tokens = (await ask(origin, { query, variables: { token: tokens.refreshToken } })).refreshTokens as Tokens;
    return (await send(origin, { query: '{ me { id } }', token: tokens.accessToken })).code === undefined;
  });
  return tokens;
}

function createMaker(platform: PlatformUnderTest, { tenantId, admin, member }: Team): Maker {
  const { origin } = platform;
  const token = admin.accessToken;
  return {
    things: {
      tenantId,
      adminId: admin.id,
      adminEmail: admin.email,
      memberId: member.id,
      memberEmail: member.email,
      fileId: '',
      ruleId: '',
      alertId: '',
      roleId: '',
      groupId: '',
      invitationId: '',
      apiKeyId: '',
      notificationId: '',
      exportId: '',
    },
    file: async () => (await upload(origin, token, `${mark}.png`, 'image/png', randomBytes(100))).id,
    rule: () => createRule(origin, token, `${mark} rule`, randomUUID()),
    async role() {
      const query = 'mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }';
      const input = { name: `${mark}-${randomUUID()}`, permissions: ['files:read'] };
      return (await mutate(origin, token, query, input)).createRole.id;
    },
    async invitation() {
      const query = 'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { id } }';
      return (await mutate(origin, token, query, { email: `${mark}.${randomUUID()}@example.com` })).inviteMember.id;
    },
    async apiKey() {
      const query = 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }';
      const input = { name: `${mark} key`, scopes: ['files:read'] };
      return (await mutate(origin, token, query, input)).createApiKey.apiKey.id;
    },
    async machineClient() {
      const query =
        'mutation ($input: CreateMachineClientInput!) { createMachineClient(input: $input) { client { id } } }';
      const input = { name: `${mark} client`, scopes: ['files:read'] };
      return (await mutate(origin, token, query, input)).createMachineClient.client.id;
    },
    async member() {
      const person = await signUp(origin, 'Guest');
      await invite(platform, admin, person, tenantId);
      return person.id;
    },
    refreshToken: async () => (await signIn(origin, member)).refreshToken,
  };
}

async function acquire(origin: string, { admin }: Team, maker: Maker): Promise<Partial<Things>> {
  const alert = await raiseAlert(origin, admin.accessToken, `${mark} first alarm`);
  const fileId = await maker.file();
  const apiKeyId = await maker.apiKey();
  const notificationId = await readNotification(origin, admin.accessToken);
  const roleId = await maker.role();
  const invitationId = await maker.invitation();
  const exportId = await takeOut(origin, admin.accessToken);
  const groupId = await createGroup(origin, admin.accessToken, admin.id);
  return { fileId, ...alert, apiKeyId, roleId, groupId, invitationId, notificationId, exportId };
}

/** Makes a rule and what it waits for; resolves when there is an alert of it. */
async function raiseAlert(origin: string, token: string, name: string): Promise<{ ruleId: string; alertId: string }> {
  const event = `${name} ${randomUUID()}`;
  const ruleId = await createRule(origin, token, name, event);
  const tracking = 'mutation ($input: TrackInput!) { track(input: $input) { accepted } }';
  await mutate(origin, token, tracking, { events: [{ name: event }] });
  let alertId = '';
  await eventually(async () => {
    const { alerts } = await ask(origin, { query: '{ alerts(first: 50) { nodes { id rule { id } } } }', token });
    alertId = alerts.nodes.find(({ rule }: { rule: { id: string } }) => rule.id === ruleId)?.id ?? '';
    return alertId !== '';
  }, 20_000);
  return { ruleId, alertId };
}

/** Exports a tenant; resolves when the archive is there. */
async function takeOut(origin: string, token: string): Promise<string> {
  const { requestExport } = await mutate(origin, token, 'mutation { requestExport(input: { scope: TENANT }) { id } }');
  const query = 'query ($id: ID!) { dataExport(id: $id) { completedAt } }';
  const variables = { id: requestExport.id };
  await eventually(
    async () => (await ask(origin, { query, variables, token })).dataExport.completedAt !== null,
    60_000,
  );
  return requestExport.id;
}

/** What an administrator was told last, once anything was. */
async function readNotification(origin: string, token: string): Promise<string> {
  let id: string | undefined;
  await eventually(async () => {
    const { notifications } = await ask(origin, { query: '{ notifications(first: 1) { nodes { id } } }', token });
    id = notifications.nodes[0]?.id;
    return id !== undefined;
  }, 20_000);
  return id ?? '';
}

async function createRule(origin: string, token: string, name: string, eventName: string): Promise<string> {
  const query = 'mutation ($input: CreateAlertRuleInput!) { createAlertRule(input: $input) { id } }';
  const input = { name, measure: 'EVENT_COUNT', eventName, operator: 'GREATER_THAN', threshold: 0 };
  return (await mutate(origin, token, query, input)).createAlertRule.id;
}

/** With its maker in it. */
async function createGroup(origin: string, token: string, userId: string): Promise<string> {
  const query = 'mutation ($input: CreateGroupInput!) { createGroup(input: $input) { id } }';
  const groupId: string = (await mutate(origin, token, query, { name: `${mark} group` })).createGroup.id;
  const adding = 'mutation ($input: GroupMembersInput!) { addGroupMembers(input: $input) { id } }';
  await mutate(origin, token, adding, { groupId, userIds: [userId] });
  return groupId;
}

async function mutate(origin: string, token: string | undefined, query: string, input: object = {}) {
  return ask(origin, { query, token, ...(query.includes('$input') ? { variables: { input } } : {}) });
}
