import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createJobs, jobsGrantsSql, migrateJobs, type Job, type Jobs, type JobSettings } from '@tessera/service/jobs';
import { createLogger } from '@tessera/service/logging';
import { Client } from 'pg';
import { PgBoss } from 'pg-boss';
import { eventually } from '../../support/eventually.js';
import { createLeftovers } from '../../support/leftovers.js';
import { runSql, startPostgresServer, type PostgresServer } from '../../support/postgres-server.js';

const leftovers = createLeftovers();

const quickSettings: Partial<JobSettings> = {
  pollingIntervalSeconds: 0.5,
  recurringPollingIntervalSeconds: 0.5,
  superviseIntervalSeconds: 1,
  cronIntervalSeconds: 1,
};

describe('jobs under a role that owns nothing', () => {
  let server: PostgresServer;
  let ownerUrl: string;
  let serviceUrl: string;
  let logged: string[];

  beforeAll(async () => {
    server = await startPostgresServer();
    const databaseUrl = await server.createDatabase();
    ownerUrl = await server.createRole('owner', databaseUrl);
    serviceUrl = await server.createRole('service', databaseUrl);
    await runSql(databaseUrl, 'grant create on database test_1 to owner');
    await migrateJobs(ownerUrl);
    await runSql(ownerUrl, ...jobsGrantsSql('service'));
  }, 60_000);
  afterAll(() => server.stop());

  beforeEach(() => {
    logged = [];
  });
  afterEach(() => leftovers.close());

  async function startJobs(settings: Partial<JobSettings> = {}): Promise<Jobs> {
    const logger = createLogger({
      service: 'test',
      level: 'warn',
      destination: { write: (line) => void logged.push(line) },
    });
    const jobs = createJobs({
      connectionString: serviceUrl,
      logger,
      lifecycle: leftovers,
      settings: { ...quickSettings, ...settings },
    });
    await jobs.start();
    return jobs;
  }

  test('are done with their payload, and nothing needs a right that the role lacks', async () => {
    const jobs = await startJobs();
    const done = Promise.withResolvers<Job>();
    await jobs.work('greet', async (job) => done.resolve(job));

    const id = await jobs.send('greet', { name: 'Ada', list: [1, null] });

    expect(await done.promise).toMatchObject({ id, payload: { name: 'Ada', list: [1, null] }, retryCount: 0 });
    // One round of supervision, which touches every table.
    await eventually(async () => {
      const [row] = await runSql(ownerUrl, "select monitor_on from jobs.queue where name = 'greet'");
      return row?.['monitor_on'] !== null;
    });
    expect(logged.join('\n')).not.toMatch(/permission denied|must be owner/);
  }, 20_000);

  test('refuse to start where the owner has not migrated', async () => {
    const jobs = createJobs({
      connectionString: serviceUrl,
      schema: 'elsewhere',
      logger: createLogger({ service: 'test', level: 'silent' }),
      lifecycle: leftovers,
    });

    await expect(jobs.start()).rejects.toThrow(/not installed/);
  });

  test('can be migrated again without harm', async () => {
    await expect(migrateJobs(ownerUrl)).resolves.toBeUndefined();
  });

  test('come into being only when the transaction that sent them commits', async () => {
    const jobs = await startJobs();
    const client = new Client({ connectionString: serviceUrl });
    await client.connect();
    leftovers.defer('client', () => client.end());
    const executor = async (sql: string, parameters: readonly unknown[]) =>
      (await client.query<Record<string, unknown>>(sql, [...parameters])).rows;

    await client.query('begin');
    await jobs.send('transactional', { kept: false }, { executor });
    await client.query('rollback');
    await client.query('begin');
    await jobs.send('transactional', { kept: true }, { executor });
    const seenBeforeCommit = await runSql(ownerUrl, "select id from jobs.job where name = 'transactional'");
    await client.query('commit');

    const rows = await runSql(ownerUrl, "select data from jobs.job where name = 'transactional'");
    expect(seenBeforeCommit).toEqual([]);
    expect(rows).toEqual([{ data: { kept: true } }]);
  });

  test('are tried again when they fail, and given up after their limit', async () => {
    const jobs = await startJobs();
    const retryCounts: number[] = [];
    await jobs.work('failing', async ({ retryCount }) => {
      retryCounts.push(retryCount);
      throw new Error('it does not work');
    });

    const id = await jobs.send('failing', {}, { retryLimit: 1 });

    await eventually(async () => {
      const [row] = await runSql(ownerUrl, `select state from jobs.job where id = '${id}'`);
      return row?.['state'] === 'failed';
    });
    expect(retryCounts).toEqual([0, 1]);
    expect(logged.join('\n')).toContain('it does not work');
  }, 20_000);

  test('are not tried again after a failure that their worker gives up on', async () => {
    const jobs = await startJobs();
    const retryCounts: number[] = [];
    const fail = async ({ retryCount }: Job): Promise<void> => {
      retryCounts.push(retryCount);
      throw new Error(retryCount === 0 ? 'it may work yet' : 'it never works');
    };
    await jobs.work('hopeless', fail, { givesUpOn: (error) => String(error).includes('never') });

    const id = await jobs.send('hopeless', {}, { retryLimit: 100 });

    await eventually(async () => {
      const [row] = await runSql(ownerUrl, `select state from jobs.job where id = '${id}'`);
      return row?.['state'] === 'completed';
    });
    expect(retryCounts).toEqual([0, 1]);
    expect(logged.join('\n')).toContain('it never works');
  }, 20_000);

  test('survive the death of their worker', async () => {
    const jobs = await startJobs({ expireInSeconds: 1 });
    const id = await jobs.send('deadly', { step: 1 });
    // A worker that took the job and was killed leaves exactly this behind: an active job that nobody works on.
    const doomed = new PgBoss({ connectionString: serviceUrl, schema: 'jobs', migrate: false, supervise: false });
    await doomed.start();
    expect((await doomed.fetch('deadly'))[0]?.id).toBe(id);
    await doomed.stop({ graceful: false });

    const done = Promise.withResolvers<Job>();
    await jobs.work('deadly', async (job) => done.resolve(job));

    expect(await done.promise).toMatchObject({ id, payload: { step: 1 }, retryCount: 1 });
  }, 30_000);

  test('go on after the database connections were cut', async () => {
    const jobs = await startJobs();
    const done = Promise.withResolvers<Job>();
    await jobs.work('resilient', async (job) => done.resolve(job));

    await server.dropConnections(ownerUrl);
    await eventually(async () => (await jobs.send('resilient', {})) !== undefined);

    expect(await done.promise).toMatchObject({ retryCount: 0 });
  }, 20_000);

  test('of one singleton key wait only once, without a key as often as they are sent', async () => {
    const jobs = await startJobs();

    const first = await jobs.send('single', { number: 1 }, { singletonKey: 'tenant-1' });
    const second = await jobs.send('single', { number: 2 }, { singletonKey: 'tenant-1' });
    const other = await jobs.send('single', { number: 3 }, { singletonKey: 'tenant-2' });
    const plain = [await jobs.send('single', {}), await jobs.send('single', {})];

    expect(first).toBeDefined();
    expect(second).toBeUndefined();
    expect(other).toBeDefined();
    expect(plain).not.toContain(undefined);
  });

  test('that have piled up are done one after the other, whenever their worker would have looked again', async () => {
    const jobs = await startJobs({ pollingIntervalSeconds: 60 });
    for (let number = 1; number <= 5; number += 1) await jobs.send('piled-up', { number });
    const done: unknown[] = [];

    await jobs.work('piled-up', async ({ payload }) => void done.push(payload['number']));

    await eventually(() => done.length === 5);
    expect(done).toEqual([1, 2, 3, 4, 5]);
  }, 20_000);

  test('are done by as many workers as were asked for, though only one of them looks for jobs often', async () => {
    const jobs = await startJobs({ pollingIntervalSeconds: 1 });
    const atOnce = Promise.withResolvers<void>();
    let inHand = 0;
    await jobs.work(
      'together',
      async () => {
        inHand += 1;
        if (inHand === 3) atOnce.resolve();
        await atOnce.promise;
      },
      { concurrency: 3 },
    );

    for (let number = 1; number <= 3; number += 1) await jobs.send('together', { number });

    await atOnce.promise;
    expect(inHand).toBe(3);
  }, 20_000);

  test('wait until their time has come', async () => {
    const jobs = await startJobs();
    const order: unknown[] = [];
    await jobs.work('delayed', async ({ payload }) => void order.push(payload['name']));

    await jobs.send('delayed', { name: 'later' }, { startAfterSeconds: 2 });
    await jobs.send('delayed', { name: 'now' });

    await eventually(() => order.length === 2);
    expect(order).toEqual(['now', 'later']);
  }, 20_000);

  test('that recur run once a turn though two instances plan and work', async () => {
    const instances = [await startJobs(), await startJobs()];
    const runs: number[] = [];
    const cron = await cronOfThisMinute();
    for (const [index, jobs] of instances.entries()) {
      await jobs.recur('nightly', cron, async () => void runs.push(index));
    }

    await eventually(() => runs.length > 0, 30_000);
    const rounds = await cronTime();
    await eventually(async () => (await cronTime()) - rounds > 3_000);

    expect(runs).toHaveLength(1);
  }, 60_000);

  test('in hand are finished before the instance stops', async () => {
    const jobs = await startJobs();
    const begun = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    let finished = false;
    await jobs.work('slow', async () => {
      begun.resolve();
      await mayEnd.promise;
      finished = true;
    });
    await jobs.send('slow', {});
    await begun.promise;

    const stopped = jobs.stop();
    mayEnd.resolve();
    await stopped;

    expect(finished).toBe(true);
  }, 20_000);

  /** When the due plans were last looked at, in milliseconds. */
  async function cronTime(): Promise<number> {
    const [row] = await runSql(ownerUrl, 'select cron_on from jobs.version');
    return (row?.['cron_on'] as Date).getTime();
  }

  /** A turn that is due now and not again: never so late in the minute that the next one begins meanwhile. */
  async function cronOfThisMinute(): Promise<string> {
    await eventually(() => new Date().getUTCSeconds() < 45, 20_000);
    const now = new Date();
    return `${now.getUTCMinutes()} ${now.getUTCHours()} ${now.getUTCDate()} ${now.getUTCMonth() + 1} *`;
  }
});
