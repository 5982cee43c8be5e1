import { beforeAll, expect, test } from '@jest/globals';
import { foundTeam, type Team } from '../e2e/people.js';
import { upload } from '../e2e/uploads.js';
import type { Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { send } from '../support/graphql-client.js';
import { readInvitationsFromSmtp } from '../support/invitation-mails.js';
import { startTraffic } from './traffic.js';

/** Subgraphs that die: the rest goes on, and nobody has to touch the gateway. */
export function defineSubgraphDown(startedCluster: () => Cluster): void {
  let cluster: Cluster;
  let origin: string;
  let team: Team;
  beforeAll(async () => {
    cluster = startedCluster();
    origin = cluster.origins[0] ?? '';
    team = await foundTeam({ origin, readInvitation: readInvitationsFromSmtp(cluster.smtp) }, 'Faulty Inc');
  }, 60_000);

  const readiness = async () => {
    const response = await fetch(`${origin}/ready`);
    return { httpStatus: response.status, ...((await response.json()) as { status: string; checks: object }) };
  };

  test('without a subgraph its fields are null with a code at their paths, and it comes back by itself', async () => {
    const token = team.admin.accessToken;
    const file = await upload(origin, token, 'notes.txt', 'text/plain', Buffer.from('notes'));
    const query = `query ($id: ID!) { file(id: $id) { name }
      me { displayName memberships { tenant { name storageUsage { files } usage { events } } } } }`;
    const asked = () => send(origin, { query, variables: { id: file.id }, token });
    const whole = await asked();

    await cluster.kill9('storage-1', 'storage-2');
    await eventually(async () => (await readiness()).status === 'degraded');
    const partial = await asked();
    const degraded = await readiness();
    await Promise.all([cluster.start('storage-1'), cluster.start('storage-2')]);
    await eventually(async () => (await readiness()).status === 'ready');
    const again = await asked();

    expect(whole.data).toMatchObject({ file: { name: 'notes.txt' } });
    expect(whole.errors).toBeUndefined();
    expect(partial.status).toBe(200);
    expect(partial.data).toEqual({
      file: null,
      me: {
        displayName: 'Ada Admin',
        memberships: [{ tenant: { name: 'Faulty Inc', storageUsage: null, usage: { events: 0 } } }],
      },
    });
    expect(partial.errors?.map(({ path, extensions }) => ({ path, code: extensions.code }))).toEqual(
      expect.arrayContaining([
        { path: ['file'], code: 'SUBGRAPH_UNAVAILABLE' },
        { path: ['me', 'memberships', 0, 'tenant', 'storageUsage'], code: 'SUBGRAPH_UNAVAILABLE' },
      ]),
    );
    expect(partial.errors).toHaveLength(2);
    expect(degraded).toMatchObject({ httpStatus: 200, checks: { storage: 'down', auth: 'up', analytics: 'up' } });
    expect(again).toEqual(whole);
  }, 60_000);

  test('one of two instances killed while queries come in is not noticed by anybody', async () => {
    const query = '{ me { displayName memberships { tenant { name usage { events } members { totalCount } } } } }';
    const traffic = startTraffic({
      origins: [origin],
      nextRequest: () => ({ query, token: team.member.accessToken }),
      clients: 3,
    });
    const more = async (): Promise<void> => {
      const before = traffic.succeeded();
      await eventually(() => traffic.succeeded() > before + 40);
    };

    await more();
    await cluster.kill9('user-2', 'analytics-1');
    await more();
    await Promise.all((['user-2', 'analytics-1'] as const).map((name) => cluster.start(name)));
    await more();
    await traffic.stop();

    expect(traffic.failures).toEqual([]);
  }, 60_000);
}
