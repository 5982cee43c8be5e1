import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { createTenant, signIn, signUp, type Person } from '../e2e/people.js';
import { eventually } from '../support/eventually.js';
import { ask, send } from '../support/graphql-client.js';
import { postgresPid, type LocalMode } from '../support/local-mode.js';

/** The process, or the whole machine, dies in the middle of work: what was acknowledged is there, once. */
export function defineCrash(startedLocalMode: () => LocalMode): void {
  let local: LocalMode;
  let origin: string;
  let token: string;
  beforeAll(async () => {
    local = startedLocalMode();
    origin = local.origin;
    token = (await createTenant(origin, await signUp(origin, 'Carl Crash'), 'Crash Inc')).accessToken;
  }, 60_000);

  const track = (batch: string, messageIds: readonly string[]) =>
    ask(origin, {
      query: 'mutation ($input: TrackInput!) { track(input: $input) { accepted duplicates } }',
      variables: {
        input: { events: messageIds.map((messageId) => ({ name: 'crashed', messageId, properties: { batch } })) },
      },
      token,
    });

  /** Batch -> how many of its events are counted. */
  const counted = async (): Promise<ReadonlyMap<string, number>> => {
    const range = {
      from: new Date(Date.now() - 600_000).toISOString(),
      to: new Date(Date.now() + 600_000).toISOString(),
    };
    const { metrics } = await ask(origin, {
      query:
        'query ($query: MetricsQuery!) { metrics(query: $query) { rows { dimensions { value } measures { value } } } }',
      variables: {
        query: {
          measures: [{ kind: 'COUNT' }],
          dimensions: ['properties.batch'],
          filters: [{ dimension: 'name', operator: 'EQUALS', values: ['crashed'] }],
          range,
          limit: 1_000,
        },
      },
      token,
    });
    type Row = { readonly dimensions: [{ value: string }]; readonly measures: [{ value: number }] };
    return new Map(metrics.rows.map(({ dimensions, measures }: Row) => [dimensions[0].value, measures[0].value]));
  };

  test('a session that was signed out stays out when the platform starts anew', async () => {
    const leaver = await signUp(origin, 'Lea Leaver');
    await ask(origin, { query: 'mutation { signOut }', token: leaver.accessToken });

    await local.kill9();
    await local.restart();

    const answer = await send(origin, { query: '{ me { id } }', token: leaver.accessToken });
    expect(answer.code).toBe('UNAUTHENTICATED');
    expect(await ask(origin, { query: '{ tenant { name } }', token })).toEqual({ tenant: { name: 'Crash Inc' } });
  }, 60_000);

  /** People sign up and events come in until the platform dies; answers what was acknowledged. */
  const workUntil = async (die: () => Promise<unknown>) => {
    const signedUp: Person[] = [];
    const acknowledged: string[] = [];
    const sent = new Map<string, readonly string[]>();
    const until = async (work: () => Promise<void>): Promise<void> => {
      for (;;) {
        try {
          await work();
        } catch {
          return;
        }
      }
    };
    const signsUp = () => until(async () => void signedUp.push(await signUp(origin, 'Sam Survivor')));
    const tracks = () =>
      until(async () => {
        const batch = randomUUID();
        const messageIds = Array.from({ length: 10 }, () => randomUUID());
        sent.set(batch, messageIds);
        await track(batch, messageIds);
        acknowledged.push(batch);
      });
    const working = [signsUp(), signsUp(), tracks(), tracks()];
    await eventually(() => signedUp.length >= 5 && acknowledged.length >= 10);
    await die();
    await Promise.all(working);
    return { signedUp, acknowledged, sent };
  };

  test.each([
    ['the process is killed', () => local.kill9()],
    [
      'the process and its PostgreSQL are killed',
      async () => {
        const database = await postgresPid(join(local.dataDirectory, 'postgres'));
        if (database !== undefined) process.kill(database, 'SIGKILL');
        await local.kill9();
      },
    ],
  ])(
    'when %s, everything acknowledged is there exactly once after the next start',
    async (_what, die) => {
      const { signedUp, acknowledged, sent } = await workUntil(die);
      await local.restart();

      const afterwards = await counted();
      for (const batch of acknowledged) expect([batch, afterwards.get(batch)]).toEqual([batch, 10]);
      for (const [batch, count] of afterwards) expect([batch, count]).toEqual([batch, 10]);
      for (const [batch, messageIds] of sent) await track(batch, messageIds);
      const repeated = await counted();
      for (const batch of sent.keys()) expect([batch, repeated.get(batch)]).toEqual([batch, 10]);
      for (const person of signedUp) {
        const tokens = await signIn(origin, person);
        await eventually(async () => {
          const { me } = await ask(origin, { query: '{ me { id displayName } }', token: tokens.accessToken });
          return me.id === person.id && me.displayName === 'Sam Survivor';
        });
      }
    },
    60_000,
  );
}
