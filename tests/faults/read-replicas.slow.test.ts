import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { foundTeam, type Person, type Team } from '../e2e/people.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { ask } from '../support/graphql-client.js';
import { readInvitationsFromSmtp } from '../support/invitation-mails.js';
import { describeWithRedis } from '../support/redis-server.js';

describeWithRedis('a cluster that reads from a standby', () => {
  let cluster: Cluster;
  let team: Team;
  beforeAll(async () => {
    cluster = await startCluster({ instances: { user: 2 }, gateways: 2, withStandby: true });
    const [origin = ''] = cluster.origins;
    team = await foundTeam({ origin, readInvitation: readInvitationsFromSmtp(cluster.smtp) }, 'Standby Inc');
    await eventually(async () => (await namesBy(origin, team.admin)).length === 2);
  }, 300_000);
  afterAll(() => cluster?.remove());

  test('shows people at once what they wrote by another gateway, also while Redis is gone', async () => {
    const [first = '', second = ''] = cluster.origins;
    const { admin, member } = team;
    await cluster.standby?.caughtUp();
    await cluster.standby?.pauseReplay();
    const before = await namesBy(first, admin);

    for (let written = 1; written <= 20; written += 1) {
      const name = `Member ${written}`;
      await rename(first, member, name);
      if (written === 7) await cluster.redis.kill9();
      if (written === 14) await cluster.redis.restart();
      const seen = await Promise.all(Array.from({ length: 25 }, () => namesBy(second, member)));
      expect(seen.filter((names) => !names.includes(name))).toEqual([]);
      // Who wrote nothing is served by the standby.
      await eventually(async () => String(await namesBy(second, admin)) === String(before));
    }
  }, 180_000);

  test('goes on without the standby', async () => {
    const [first = '', second = ''] = cluster.origins;
    await rename(first, team.member, 'Member without a standby');

    await cluster.standby?.stop();

    for (const origin of [first, second, first, second]) {
      expect(await namesBy(origin, team.admin)).toContain('Member without a standby');
    }
  }, 60_000);
});

async function namesBy(origin: string, { accessToken: token }: Person): Promise<string[]> {
  const { users } = await ask(origin, { query: '{ users { nodes { displayName } } }', token });
  return users.nodes.map(({ displayName }: { displayName: string }) => displayName).sort();
}

async function rename(origin: string, { accessToken: token }: Person, displayName: string): Promise<void> {
  const query = 'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { id } }';
  await ask(origin, { query, variables: { input: { displayName } }, token });
}
