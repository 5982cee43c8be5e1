import { randomBytes, randomUUID } from 'node:crypto';
import { gql } from '@apollo/client';
import { beforeAll, expect, test } from '@jest/globals';
import { createApolloApp } from '../support/apollo-app.js';
import { eventually } from '../support/eventually.js';
import { ask, send } from '../support/graphql-client.js';
import { openLiveSocket } from '../support/live-socket.js';
import { download, upload } from './uploads.js';
import { foundTeam, signIn, switchTenant, type PlatformUnderTest, type Team } from './people.js';

/** The design's query that crosses all five subgraphs. */
export const acrossAllSubgraphs = `query AcrossAllSubgraphs {
  me { displayName memberships { tenant { name storageUsage { bytes } usage { apiCalls }
    members(first: 10) { nodes { user { displayName avatar { downloadUrl } } } } } } }
}`;

/** The way of two people through the whole platform, with the clients that people use. */
export function defineJourney(platform: () => PlatformUnderTest): void {
  let origin: string;
  let team: Team;
  beforeAll(async () => {
    origin = platform().origin;
    team = await foundTeam(platform(), 'Journey Inc');
  }, 60_000);

  test('two people who signed up are in one tenant after an invitation by mail', async () => {
    const query = '{ me { id email displayName memberships { role tenant { id name } } } }';
    const asked = await Promise.all(
      [team.admin, team.member].map(({ accessToken: token }) => ask(origin, { query, token })),
    );

    const tenant = { id: team.tenantId, name: 'Journey Inc' };
    expect(asked.map(({ me }) => me)).toEqual([
      expect.objectContaining({
        email: team.admin.email,
        displayName: 'Ada Admin',
        memberships: [{ role: 'TENANT_ADMIN', tenant }],
      }),
      expect.objectContaining({
        email: team.member.email,
        displayName: 'Max Member',
        memberships: [{ role: 'USER', tenant }],
      }),
    ]);
  });

  test('5 MB uploaded by the signed URL are read back byte for byte, by another member', async () => {
    const bytes = randomBytes(5 * 1024 * 1024);

    const file = await upload(origin, team.admin.accessToken, 'report.bin', 'application/octet-stream', bytes);
    const seen = await ask(origin, {
      query: 'query ($id: ID!) { file(id: $id) { name size owner { displayName } downloadUrl } }',
      variables: { id: file.id },
      token: team.member.accessToken,
    });

    expect(file).toMatchObject({ status: 'READY', size: bytes.length });
    expect(seen.file).toMatchObject({ name: 'report.bin', size: bytes.length, owner: { displayName: 'Ada Admin' } });
    expect((await download(seen.file.downloadUrl)).equals(bytes)).toBe(true);
  });

  test('1,000 tracked events count once, in metrics and within 3 s in live metrics', async () => {
    const token = team.member.accessToken;
    const app = createApolloApp(origin, token);
    const socket = await openLiveSocket(origin, team.admin.accessToken);
    const live = socket.subscribe('subscription { liveMetrics(intervalMs: 500) { at eventsPerSecond activeUsers } }');
    await live.first(() => true);
    const occurredAt = new Date();
    const events = Array.from({ length: 1_000 }, (_, index) => ({
      name: 'order.placed',
      messageId: randomUUID(),
      occurredAt: occurredAt.toISOString(),
      properties: { country: index % 4 === 0 ? 'CH' : 'DE', cents: index },
    }));
    const track = gql`
      mutation Track($input: TrackInput!) {
        track(input: $input) {
          accepted
          duplicates
        }
      }
    `;

    const first = await app.client.mutate({ mutation: track, variables: { input: { events } } });
    await live.first(({ liveMetrics }) => liveMetrics.eventsPerSecond > 0, 3_000);
    const second = await app.client.mutate({ mutation: track, variables: { input: { events } } });
    const { data } = await app.client.query<{ metrics: { rows: object[] } }>({
      query: gql`
        query Orders($query: MetricsQuery!) {
          metrics(query: $query) {
            rows {
              dimensions {
                value
              }
              measures {
                name
                value
              }
            }
          }
        }
      `,
      variables: {
        query: {
          measures: [
            { name: 'orders', kind: 'COUNT' },
            { name: 'cents', kind: 'SUM', property: 'cents' },
          ],
          dimensions: ['properties.country'],
          filters: [{ dimension: 'name', operator: 'EQUALS', values: ['order.placed'] }],
          range: {
            from: new Date(occurredAt.getTime() - 60_000).toISOString(),
            to: new Date(occurredAt.getTime() + 60_000).toISOString(),
          },
        },
      },
    });

    expect(first.data).toMatchObject({ track: { accepted: 1_000, duplicates: 0 } });
    expect(second.data).toMatchObject({ track: { accepted: 0, duplicates: 1_000 } });
    const row = (country: string, orders: number, cents: number) =>
      expect.objectContaining({
        dimensions: [expect.objectContaining({ value: country })],
        measures: [
          expect.objectContaining({ name: 'orders', value: orders }),
          expect.objectContaining({ name: 'cents', value: cents }),
        ],
      });
    expect(data?.metrics.rows).toEqual([row('DE', 750, 375_000), row('CH', 250, 124_500)]);
    await socket.close();
  });

  test('an alert goes from PENDING to FIRING to RESOLVED, each time with people of other subgraphs', async () => {
    const token = team.admin.accessToken;
    const socket = await openLiveSocket(origin, team.member.accessToken);
    const name = `order.failed.${randomUUID()}`;
    const changes = socket.subscribe(`subscription {
      alerts { status value threshold rule { name } tenant { name members(first: 5) { nodes { user { displayName } } } } }
    }`);
    await ask(origin, {
      query: 'mutation ($input: CreateAlertRuleInput!) { createAlertRule(input: $input) { id } }',
      variables: {
        input: {
          name: 'Orders fail',
          measure: 'EVENT_COUNT',
          eventName: name,
          operator: 'GREATER_THAN',
          threshold: 4,
          windowSeconds: 3,
          forSeconds: 1,
        },
      },
      token,
    });

    await ask(origin, {
      query: 'mutation ($input: TrackInput!) { track(input: $input) { accepted } }',
      variables: { input: { events: Array.from({ length: 5 }, () => ({ name })) } },
      token,
    });
    await changes.first(({ alerts }) => alerts.status === 'RESOLVED', 20_000);

    const tenant = {
      name: 'Journey Inc',
      members: { nodes: [{ user: { displayName: 'Ada Admin' } }, { user: { displayName: 'Max Member' } }] },
    };
    expect(changes.received.map(({ alerts }) => alerts)).toEqual(
      ['PENDING', 'FIRING', 'RESOLVED'].map((status) =>
        expect.objectContaining({ status, threshold: 4, rule: { name: 'Orders fail' }, tenant }),
      ),
    );
    await socket.close();
  });

  test('one persisted request reaches all five subgraphs, avatars included', async () => {
    const picture = randomBytes(2_000);
    const token = team.member.accessToken;
    const file = await upload(origin, token, 'max.png', 'image/png', picture);
    await ask(origin, {
      query: 'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { id } }',
      variables: { input: { avatarFileId: file.id } },
      token,
    });
    const first = createApolloApp(origin, team.admin.accessToken);
    const second = createApolloApp(origin, team.admin.accessToken);
    const query = gql(acrossAllSubgraphs);

    await first.client.query({ query });
    const { data } = await second.client.query<{ me: { memberships: [{ tenant: Tenant }] } }>({ query });

    expect(second.roundTrips).toHaveLength(1);
    expect(second.roundTrips[0]).toMatchObject({ method: 'GET', status: 200 });
    expect(second.roundTrips[0]?.url).not.toContain('displayName');
    const { tenant } = data?.me.memberships[0] ?? {};
    expect(tenant).toMatchObject({
      name: 'Journey Inc',
      storageUsage: { bytes: expect.any(Number) },
      usage: { apiCalls: expect.any(Number) },
    });
    expect(tenant?.storageUsage.bytes).toBeGreaterThanOrEqual(picture.length);
    const users = tenant?.members.nodes.map(({ user }) => user) ?? [];
    expect(users).toMatchObject([{ displayName: 'Ada Admin', avatar: null }, { displayName: 'Max Member' }]);
    expect((await download(users[1]?.avatar?.downloadUrl ?? '')).equals(picture)).toBe(true);
  });

  test('a session is refreshed with its tenant kept, and ends at once everywhere on signing out', async () => {
    const opened = await signIn(origin, team.member);
    const inTenant = await switchTenant(origin, opened.accessToken, team.tenantId);
    const { refreshTokens } = await ask(origin, {
      query: 'mutation ($token: String!) { refreshTokens(refreshToken: $token) { accessToken refreshToken } }',
      variables: { token: inTenant.refreshToken },
    });
    const token: string = refreshTokens.accessToken;
    expect(await ask(origin, { query: '{ tenant { id } }', token })).toEqual({ tenant: { id: team.tenantId } });
    const socket = await openLiveSocket(origin, token);
    const live = socket.subscribe('subscription { liveMetrics(intervalMs: 250) { at } }');
    await live.first(() => true);

    expect(await ask(origin, { query: 'mutation { signOut }', token })).toEqual({ signOut: true });

    await eventually(
      async () => (await send(origin, { query: '{ me { id } }', token })).code === 'UNAUTHENTICATED',
      1_000,
    );
    expect(await socket.closed).toMatchObject({ code: 4401 });
    const renewed = await send(origin, {
      query: 'mutation ($token: String!) { refreshTokens(refreshToken: $token) { accessToken } }',
      variables: { token: refreshTokens.refreshToken },
    });
    expect(renewed.code).toBe('UNAUTHENTICATED');
    expect((await send(origin, { query: '{ me { id } }', token: team.member.accessToken })).data).toEqual({
      me: { id: team.member.id },
    });
  });
}

interface Tenant {
  readonly storageUsage: { readonly bytes: number };
  readonly members: {
    readonly nodes: readonly {
      readonly user: { readonly displayName: string; readonly avatar: { readonly downloadUrl: string } | null };
    }[];
  };
}
