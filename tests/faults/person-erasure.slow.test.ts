import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { withDatabase } from '@tessera/service/database';
import { createTenant, invite, signIn, signUp, switchTenant, type Person } from '../e2e/people.js';
import { upload } from '../e2e/uploads.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { ask, send } from '../support/graphql-client.js';
import { readInvitationsFromSmtp } from '../support/invitation-mails.js';
import { runSql } from '../support/postgres-server.js';
import { describeWithRedis } from '../support/redis-server.js';
import { findTraces, subgraphNames, unexplained, type Traces } from './traces-of-person.js';

const platformAdminEmail = 'platform@example.com';

/** Names as nobody else has: where one appears, it is the person's. */
const names = ['Zebulon Quillfeather', 'Philippa Wrenfield'] as const;

describeWithRedis('a person is erased from all five subgraphs', () => {
  let cluster: Cluster;
  let origin: string;
  let platformToken: string;
  let founder: Person & { readonly tenantId: string };

  beforeAll(async () => {
    cluster = await startCluster({
      instances: 1,
      environments: {
        tenant: { ERASURE_GRACE_HOURS: '0' },
        auth: { SUPER_ADMIN_EMAILS: platformAdminEmail, EMAIL_VERIFICATION: 'off' },
      },
    });
    origin = cluster.origins[0] ?? '';
    const { signUp: payload } = await ask(origin, {
      query: 'mutation ($input: SignUpInput!) { signUp(input: $input) { tokens { accessToken } } }',
      variables: { input: { email: platformAdminEmail, password: randomUUID(), displayName: 'Pat Platform' } },
    });
    platformToken = payload.tokens.accessToken;
    const person = await signUp(origin, 'Fay Founder');
    founder = { ...person, ...(await createTenant(origin, person, 'Orchard')) };
  }, 300_000);

  afterAll(() => cluster?.remove(), 60_000);

  const databaseOf = (name: string): string => withDatabase(cluster.postgres.adminUrl, `tessera_${name}`);
  const tracesOf = ({ id, email, displayName }: Person): Promise<Traces> =>
    findTraces(databaseOf, { id, email, name: displayName });

  /** On a busy machine a service that asks another one may give up; what was made by halves is nobody's concern. */
  async function aLivelyPerson(name: string): Promise<Person> {
    let attempt = 0;
    let person: Person | undefined;
    await eventually(async () => {
      attempt += 1;
      person = await makeLively(`${name} ${'I'.repeat(attempt)}`);
      return true;
    }, 180_000);
    if (person === undefined) throw new Error('Nobody was made');
    return person;
  }

  /** Somebody who has left something in every subgraph. */
  async function makeLively(displayName: string): Promise<Person> {
    const person = await signUp(origin, displayName);
    const readInvitation = readInvitationsFromSmtp(cluster.smtp);
    const member = { ...person, ...(await invite({ origin, readInvitation }, founder, person, founder.tenantId)) };
    const token = member.accessToken;
    const picture = await upload(origin, token, 'portrait.png', 'image/png', randomBytes(200));
    const lively = `mutation ($input: UpdateProfileInput!, $preferences: UpdatePreferencesInput!, $events: TrackInput!) {
      updateProfile(input: $input) { id } updatePreferences(input: $preferences) { id } track(input: $events) { accepted }
    }`;
    const variables = {
      input: { avatarFileId: picture.id, timeZone: 'Europe/Zurich', locale: 'de-CH' },
      preferences: { preferences: { app: { greeting: `Hello ${displayName}` } } },
      events: { events: [{ name: 'page.viewed', properties: { page: '/' } }] },
    };
    // What may be a picture is heard of a moment after the upload.
    await eventually(async () => (await send(origin, { query: lively, variables, token })).errors === undefined);
    await ask(origin, {
      query: 'mutation ($input: RequestSignInCodeInput!) { requestSignInCode(input: $input) { challengeId } }',
      variables: { input: { email: person.email } },
    });
    await switchTenant(origin, (await signIn(origin, person)).accessToken, founder.tenantId);
    await eventually(async () => {
      const { byTable } = await tracesOf(person);
      return ['auth', 'tenant', 'user', 'storage', 'analytics'].every((name) =>
        Object.keys(byTable).some((table) => table.startsWith(`${name}.`)),
      );
    }, 60_000);
    return member;
  }

  /** What came while it was erased goes two hours later: now. */
  async function hastenSecondPass(): Promise<void> {
    for (const name of subgraphNames) {
      const later = `update jobs.job set start_after = now() where name = 'erase-subject' and state = 'created'`;
      await runSql(databaseOf(name), later);
    }
  }

  /** A gateway's report of the last requests may come after the rows were erased. */
  const isLateReport = (trace: string): boolean => trace.startsWith('analytics.member_day');

  const expectNoTraces = async (person: Person): Promise<void> => {
    expect(unexplained(await tracesOf(person)).filter((trace) => !isLateReport(trace))).toEqual([]);
    await hastenSecondPass();
    await eventually(async () => unexplained(await tracesOf(person)).length === 0, 60_000);
  };

  const statusOf = async (erasureId: string): Promise<string | undefined> => {
    const query = 'query ($id: ID) { erasure(id: $id) { status } }';
    const answer = await send(origin, { query, variables: { id: erasureId }, token: platformToken });
    return answer.data?.erasure?.status;
  };

  test('who asks for it leaves nothing but what the inventory keeps, although every subgraph is killed in the middle', async () => {
    const person = await aLivelyPerson(names[0]);
    let erasureId = '';
    const query = 'mutation { requestErasure(input: { scope: MYSELF }) { id } }';
    await eventually(async () => {
      erasureId = (await send(origin, { query, token: person.accessToken })).data?.requestErasure?.id ?? '';
      return erasureId !== '';
    }, 60_000);

    for (const name of subgraphNames) {
      await cluster.kill9(`${name}-1`);
      await cluster.start(`${name}-1`);
    }
    await eventually(async () => (await statusOf(erasureId)) === 'COMPLETED', 240_000);

    await expectNoTraces(person);
    expect((await send(origin, { query: '{ me { id } }', token: person.accessToken })).code).toBe('UNAUTHENTICATED');
    const certificates = await runSql(
      databaseOf('auth'),
      `select 1 from audit_entry where action = 'person.erased' and target_id = '${person.id}'`,
    );
    expect(certificates).toHaveLength(1);
    // The address is free, and whoever takes it is somebody else.
    expect((await tracesOf(founder)).byTable['auth.account']).toEqual(['id', 'email']);
  }, 400_000);

  test('whom the platform has it erased leaves as little, and asking twice erases once', async () => {
    const person = await aLivelyPerson(names[1]);
    const query = 'mutation ($input: ErasePersonInput!) { erasePerson(input: $input) { id } }';
    const variables = { input: { userId: person.id, reason: 'letter of 7 May' } };

    let ids: readonly (string | undefined)[] = [];
    await eventually(async () => {
      const answers = await Promise.all([1, 2].map(() => send(origin, { query, variables, token: platformToken })));
      ids = answers.map(({ data }) => data?.erasePerson?.id);
      return ids.every((id) => id !== undefined);
    }, 60_000);
    const erasureId = ids[0] ?? '';
    await eventually(async () => (await statusOf(erasureId)) === 'COMPLETED', 240_000);

    expect(ids[1]).toBe(erasureId);
    await expectNoTraces(person);
  }, 400_000);
});
