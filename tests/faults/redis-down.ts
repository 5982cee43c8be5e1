import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import { foundTeam, signUp, type Person, type Team, type Tokens } from '../e2e/people.js';
import { platformAdminToken } from '../e2e/platform-admin.js';
import type { Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { ask, send } from '../support/graphql-client.js';
import { readInvitationsFromSmtp } from '../support/invitation-mails.js';
import { openLiveSocket } from '../support/live-socket.js';
import { startTraffic } from './traffic.js';

/** Redis dies and comes back: what needs it waits, everything else goes on, and what was acknowledged is kept. */
export function defineRedisDown(startedCluster: () => Cluster): void {
  let cluster: Cluster;
  let origin: string;
  let team: Team;
  beforeAll(async () => {
    cluster = startedCluster();
    origin = cluster.origins[0] ?? '';
    team = await foundTeam({ origin, readInvitation: readInvitationsFromSmtp(cluster.smtp) }, 'Redis Inc');
  }, 60_000);

  test('requests go on without Redis, and what was acknowledged meanwhile arrives everywhere after it', async () => {
    const token = team.admin.accessToken;
    const reads = startTraffic({
      origins: [origin],
      nextRequest: () => ({
        query: '{ me { displayName } tenant { members { totalCount } usage { events } } }',
        token,
      }),
      clients: 4,
    });
    let acknowledged = 0;
    const writes = startTraffic({
      origins: [origin],
      nextRequest: () => ({
        query: 'mutation ($input: TrackInput!) { track(input: $input) { accepted } }',
        variables: { input: { events: [{ name: 'survived', messageId: randomUUID() }] } },
        token,
      }),
      clients: 2,
      onAnswer: ({ data }) => {
        acknowledged += (data as { track?: { accepted: number } } | null)?.track?.accepted ?? 0;
      },
    });
    const more = async (): Promise<void> => {
      const [readsBefore, writesBefore] = [reads.succeeded(), writes.succeeded()];
      await eventually(() => reads.succeeded() > readsBefore + 20 && writes.succeeded() > writesBefore + 10);
    };

    await more();
    await cluster.redis.kill9();
    await more();
    const newcomers: readonly Person[] = await Promise.all([signUp(origin, 'Nina New'), signUp(origin, 'Niko New')]);
    await cluster.redis.restart();
    await more();
    await Promise.all([reads.stop(), writes.stop()]);

    expect(reads.failures).toEqual([]);
    expect(writes.failures).toEqual([]);
    for (const { accessToken, displayName } of newcomers) {
      await eventually(async () => {
        const answer = await send(origin, { query: '{ me { displayName locale } }', token: accessToken });
        return answer.data?.me?.displayName === displayName;
      });
    }
    const range = {
      from: new Date(Date.now() - 600_000).toISOString(),
      to: new Date(Date.now() + 600_000).toISOString(),
    };
    const filters = [{ dimension: 'name', operator: 'EQUALS', values: ['survived'] }];
    const { metrics } = await ask(origin, {
      query: 'query ($query: MetricsQuery!) { metrics(query: $query) { rows { measures { value } } } }',
      variables: { query: { measures: [{ kind: 'COUNT' }], filters, range } },
      token,
    });
    expect(metrics.rows[0].measures[0].value).toBe(acknowledged);
  }, 60_000);

  test('what ended while a gateway was away, and while it could not hear, is refused by it', async () => {
    const [early, late] = await Promise.all([signUp(origin, 'Eva Early'), signUp(origin, 'Levi Late')]);
    const second = cluster.origins[1] ?? '';
    const query = '{ me { id } }';

    await cluster.stop('gateway-2');
    await ask(origin, { query: 'mutation { signOut }', token: early.accessToken });
    await cluster.start('gateway-2');
    const afterStart = await send(second, { query, token: early.accessToken });
    await cluster.redis.kill9();
    // Not acknowledged, for it could not be announced; but the session has ended.
    await send(origin, { query: 'mutation { signOut }', token: late.accessToken });
    await cluster.redis.restart();

    expect(afterStart.code).toBe('UNAUTHENTICATED');
    for (const gateway of [origin, second]) {
      await eventually(
        async () => (await send(gateway, { query, token: late.accessToken })).code === 'UNAUTHENTICATED',
      );
    }
  }, 60_000);

  test('a session that ends is out within a second, by every gateway and on open sockets, before and after it', async () => {
    const query = '{ me { id } }';
    const signOut = ({ accessToken: token }: Person) => send(origin, { query: 'mutation { signOut }', token });
    const isOut = async (gateway: string, { accessToken: token }: Person): Promise<boolean> =>
      (await send(gateway, { query, token })).code === 'UNAUTHENTICATED';

    for (const isAfter of [false, true]) {
      if (isAfter) await cluster.redis.restart();
      const person = await signUp(origin, 'Otto Out');
      const sockets = await Promise.all(cluster.origins.map((gateway) => openLiveSocket(gateway, person.accessToken)));
      // Every part has its connection again once others' ends, of which each instance of auth tells some, have reached all gateways.
      let canaries: readonly Person[] = [];
      await eventually(async () => {
        canaries = await Promise.all(['One', 'Two', 'Three', 'Four'].map((name) => signUp(origin, `Canary ${name}`)));
        return (await Promise.all(canaries.map(signOut))).every(({ errors }) => errors === undefined);
      });
      for (const gateway of cluster.origins)
        for (const canary of canaries) await eventually(() => isOut(gateway, canary));

      expect((await signOut(person)).errors).toBeUndefined();
      const startedAtMs = performance.now();
      const codes = await Promise.all(sockets.map(async ({ closed }) => (await closed).code));
      const closedAfterMs = performance.now() - startedAtMs;
      const areOut = await Promise.all(cluster.origins.map((gateway) => isOut(gateway, person)));

      expect([codes, areOut]).toEqual([sockets.map(() => 4401), cluster.origins.map(() => true)]);
      expect(closedAfterMs).toBeLessThan(1_000);
    }
  }, 60_000);

  test('a tenant that is suspended while Redis is away is out at every gateway before it is back, and everywhere after it', async () => {
    const platform = { origin, readInvitation: readInvitationsFromSmtp(cluster.smtp) };
    const [locked, pat] = [await foundTeam(platform, 'Locked Inc'), await platformAdminToken(origin)];
    const { tenantId, member } = locked;
    const query = '{ tenant { status } }';
    const codes = (token: string): Promise<readonly unknown[]> =>
      Promise.all(cluster.origins.map(async (gateway) => (await send(gateway, { query, token })).code));
    const before = await codes(member.accessToken);
    const sockets = await Promise.all(cluster.origins.map((gateway) => openLiveSocket(gateway, member.accessToken)));
    const watching = 'subscription { liveMetrics(intervalMs: 250) { at } }';
    const streams = sockets.map((socket) => socket.subscribe(watching));
    await Promise.all(streams.map((stream) => stream.first(() => true)));

    await cluster.redis.kill9();
    const suspending = 'mutation ($input: SuspendTenantInput!) { suspendTenant(input: $input) { status } }';
    await ask(origin, { query: suspending, variables: { input: { tenantId, reason: 'unpaid' } }, token: pat });
    await eventually(async () => (await codes(member.accessToken)).every((code) => code === 'UNAUTHENTICATED'), 5_000);
    const ends = await Promise.allSettled(streams.map((stream) => stream.first(() => false)));
    await cluster.redis.restart();

    const refreshing =
      'mutation ($token: String!) { refreshTokens(refreshToken: $token) { accessToken refreshToken } }';
    let { refreshToken } = member;
    let token = '';
    await eventually(async () => {
      const { refreshTokens } = await ask(origin, { query: refreshing, variables: { token: refreshToken } });
      ({ accessToken: token, refreshToken } = refreshTokens as Tokens);
      const answers = await Promise.all(cluster.origins.map((gateway) => send(gateway, { query, token })));
      return answers.every(({ data, errors }) => errors === undefined && data?.tenant === null);
    }, 10_000);
    expect(before).toEqual([undefined, undefined]);
    for (const end of ends) expect(inspect(end, { depth: 10 })).toContain('UNAUTHENTICATED');
    await Promise.all(sockets.map((socket) => socket.close()));
  }, 60_000);

  test('streams and signing out work again after it', async () => {
    const person = await signUp(origin, 'Rita Return');
    const token = person.accessToken;
    const dashboard = await openLiveSocket(origin, team.member.accessToken);
    const live = dashboard.subscribe('subscription { liveMetrics(intervalMs: 250) { eventsPerSecond } }');
    await live.first(() => true);

    await cluster.redis.restart();

    await eventually(async () => {
      await ask(origin, {
        query: 'mutation ($input: TrackInput!) { track(input: $input) { accepted } }',
        variables: { input: { events: Array.from({ length: 50 }, () => ({ name: 'after' })) } },
        token: team.admin.accessToken,
      });
      return live.received.some(({ liveMetrics }) => liveMetrics.eventsPerSecond > 0);
    });
    await eventually(async () => {
      const { errors, code } = await send(origin, { query: 'mutation { signOut }', token });
      // Whose answer was lost has signed out, too, and cannot do so again.
      return errors === undefined || code === 'UNAUTHENTICATED';
    });
    await eventually(
      async () => (await send(origin, { query: '{ me { id } }', token })).code === 'UNAUTHENTICATED',
      1_000,
    );
    await dashboard.close();
  }, 60_000);
}
