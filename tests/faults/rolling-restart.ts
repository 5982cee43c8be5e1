import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import { foundTeam, type Team } from '../e2e/people.js';
import type { Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import type { GraphqlRequest } from '../support/graphql-client.js';
import { readInvitationsFromSmtp } from '../support/invitation-mails.js';
import { startTraffic } from './traffic.js';

/** SIGTERM under load, one instance after the other, as a deployment does it. All subgraphs stop by the same code. */
export function defineRollingRestart(startedCluster: () => Cluster): void {
  let cluster: Cluster;
  let team: Team;
  beforeAll(async () => {
    cluster = startedCluster();
    const readInvitation = readInvitationsFromSmtp(cluster.smtp);
    team = await foundTeam({ origin: cluster.origins[0] ?? '', readInvitation }, 'Rolling Inc');
  }, 60_000);

  /** Queries over all five subgraphs and mutations of two of them, in turn. */
  const mixedRequests = (): (() => GraphqlRequest) => {
    let count = 0;
    const token = team.admin.accessToken;
    return () => {
      count += 1;
      if (count % 3 === 0) {
        const events = [{ name: 'rolled', messageId: randomUUID() }];
        return {
          query: 'mutation ($input: TrackInput!) { track(input: $input) { accepted } }',
          variables: { input: { events } },
          token,
        };
      }
      if (count % 3 === 1) {
        const input = { preferences: { app: { count } } };
        return {
          query: 'mutation ($input: UpdatePreferencesInput!) { updatePreferences(input: $input) { id } }',
          variables: { input },
          token,
        };
      }
      return {
        query: '{ me { displayName memberships { tenant { storageUsage { bytes } usage { events } } } } }',
        token,
      };
    };
  };

  test('no request fails while two subgraphs are restarted, instance by instance', async () => {
    const traffic = startTraffic({ origins: cluster.origins, nextRequest: mixedRequests(), clients: 3 });
    const more = async (): Promise<void> => {
      const before = traffic.succeeded();
      await eventually(() => traffic.succeeded() > before + 20);
    };

    await more();
    const ends = [];
    for (const rank of [1, 2] as const) {
      const names = [`analytics-${rank}`, `user-${rank}`] as const;
      ends.push(...(await Promise.all(names.map((name) => cluster.stop(name)))));
      await more();
      await Promise.all(names.map((name) => cluster.start(name)));
      await more();
    }
    await traffic.stop();

    expect(traffic.failures).toEqual([]);
    expect(new Set(ends.map(({ code }) => code))).toEqual(new Set([0]));
  }, 90_000);

  test('no request fails while one gateway after the other is restarted', async () => {
    const traffic = startTraffic({ origins: cluster.origins, nextRequest: mixedRequests(), clients: 3 });
    const more = async (): Promise<void> => {
      const before = traffic.succeeded();
      await eventually(() => traffic.succeeded() > before + 20);
    };

    await more();
    const ends = [];
    for (const name of ['gateway-1', 'gateway-2'] as const) {
      ends.push(await cluster.stop(name));
      await more();
      await cluster.start(name);
      await more();
    }
    await traffic.stop();

    expect(traffic.failures).toEqual([]);
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
  }, 90_000);
}
