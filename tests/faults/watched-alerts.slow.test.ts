import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { foundTeam, type Team } from '../e2e/people.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { send } from '../support/graphql-client.js';
import { readInvitationsFromSmtp } from '../support/invitation-mails.js';
import { createLeftovers } from '../support/leftovers.js';
import { describeWithRedis } from '../support/redis-server.js';
import { repositoryRoot } from '../support/repository-root.js';
import { watchStream, type StreamWatcher } from '../support/stream-watcher.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const clients = 1_000;
const query = 'subscription { alerts { id status } }';
const patienceMs = 120_000;

describeWithRedis(`${clients} clients watch alerts`, () => {
  const leftovers = createLeftovers();
  let cluster: Cluster;
  let team: Team;
  let watchers: readonly StreamWatcher[];
  let supergraphPath: string;
  let attempts = 0;
  let alerts: Alerts;

  const nextOrigin = (): string => cluster.origins[(attempts += 1) % cluster.origins.length] ?? '';

  beforeAll(async () => {
    const folder = await temporaryFolder('supergraph');
    leftovers.defer('folder', () => rm(folder, { recursive: true, force: true }));
    supergraphPath = join(folder, 'supergraph.graphql');
    await writeFile(supergraphPath, await readFile(join(repositoryRoot, 'schema/supergraph.graphql')));
    cluster = await startCluster({ instances: 1, gateways: 2, drainDelayMs: 2_000, supergraphPath });
    leftovers.defer('cluster', () => cluster.remove());
    const readInvitation = readInvitationsFromSmtp(cluster.smtp);
    team = await foundTeam({ origin: cluster.origins[0] ?? '', readInvitation }, 'Watched Inc');
    const tokens = [team.admin.accessToken, team.member.accessToken];
    watchers = Array.from({ length: clients }, (_, index) =>
      watchStream({ query, nextOrigin, token: tokens[index % 2] ?? '' }),
    );
    leftovers.defer('watchers', () => Promise.all(watchers.map((watcher) => watcher.close())));
    await Promise.all(watchers.map(({ beginning }) => beginning));
    alerts = startAlerts(nextOrigin, team.admin.accessToken);
    leftovers.defer('alerts', () => alerts.stop());
  }, 180_000);

  afterAll(() => leftovers.close(), 60_000);

  const watcher = (): StreamWatcher => watchers[0] as StreamWatcher;

  /** Alerts come, after whatever has happened. */
  async function someMore(): Promise<void> {
    const before = watcher().ids.length;
    await eventually(() => watcher().ids.length >= before + 3, patienceMs);
  }

  /** Each client has every event from its first to the last, in order, none twice. */
  async function expectAllExactlyOnce(): Promise<void> {
    await alerts.stop();
    // What is decided is still told: nothing more comes when nothing has come for a while.
    let last = 0;
    for (let now = watcher().ids.at(-1) ?? 0; now !== last; now = watcher().ids.at(-1) ?? 0) {
      last = now;
      await pause(5_000);
    }
    await eventually(() => watchers.every(({ ids }) => (ids.at(-1) ?? 0) >= last), patienceMs);
    const wrong: string[] = [];
    for (const { ids, beginning } of watchers) {
      const first = await beginning;
      const expected = Array.from({ length: last - first }, (_, index) => first + index + 1);
      if (ids.join() !== expected.join()) wrong.push(`from ${first} to ${last}: ${ids.join()}`);
    }
    expect(wrong.slice(0, 3)).toEqual([]);
    expect(last).toBeGreaterThan(20);
  }

  test('each sees every alert exactly once, though the supergraph is reloaded, every process restarted, and a subgraph killed', async () => {
    await someMore();

    const lost = (): number => watchers.reduce((sum, { losses }) => sum + losses(), 0);
    const lostBefore = lost();
    const supergraph = await readFile(supergraphPath, 'utf8');
    await writeFile(supergraphPath, `${supergraph}\n# Another version\n`);
    const hasMoved = (name: 'gateway-1' | 'gateway-2') =>
      cluster.instance(name).output().includes('subscriptions go on with another supergraph');
    await eventually(() => hasMoved('gateway-1') && hasMoved('gateway-2'), patienceMs);
    const lossesByReload = lost() - lostBefore;
    await someMore();

    for (const name of cluster.names) {
      await cluster.stop(name);
      await cluster.start(name);
      await someMore();
    }

    await cluster.kill9('analytics-1');
    await pause(1_000);
    await cluster.start('analytics-1');
    await someMore();

    await expectAllExactlyOnce();
    expect(lossesByReload).toBe(0);
  }, 600_000);
});

interface Alerts {
  stop(): Promise<void>;
}

/** Raises alerts and lets them end, one after the other, however often it has to be said. */
function startAlerts(nextOrigin: () => string, token: string): Alerts {
  let goesOn = true;
  const insist = async (
    query: string,
    variables: object,
  ): Promise<Readonly<Record<string, { id: string }>> | undefined> => {
    while (goesOn) {
      const answer = await send(nextOrigin(), { query, variables, token }).catch(() => undefined);
      if (answer !== undefined && answer.errors === undefined) return answer.data;
      await pause(200);
    }
    return undefined;
  };
  const raise = async (): Promise<void> => {
    while (goesOn) {
      await insist('mutation ($input: TrackInput!) { track(input: $input) { accepted } }', {
        input: { events: [{ name: 'watched' }] },
      });
      const made = await insist('mutation ($input: CreateAlertRuleInput!) { createAlertRule(input: $input) { id } }', {
        input: {
          name: 'Watched',
          measure: 'EVENT_COUNT',
          operator: 'GREATER_THAN',
          threshold: 0,
          windowSeconds: 60,
          forSeconds: 0,
        },
      });
      await pause(1_500);
      const id = made?.['createAlertRule']?.id;
      if (id !== undefined) await insist('mutation ($id: ID!) { deleteAlertRule(id: $id) { id } }', { id });
    }
  };
  const raising = raise();
  return {
    async stop() {
      goesOn = false;
      await raising;
    },
  };
}
