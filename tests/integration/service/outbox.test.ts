import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  appendToOutbox,
  consumeOnce,
  createDomainEvent,
  createInProcessEventBus,
  eventTablesGrantsSql,
  eventTablesSql,
  pruneConsumedEvents,
  startOutboxRelay,
  type DomainEvent,
  type EventBus,
  type SqlExecutor,
} from '@tessera/service/events';
import { Client } from 'pg';
import { eventually } from '../../support/eventually.js';
import { describeWithProgram } from '../../support/installed.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { startPgBouncer } from '../../support/pgbouncer.js';
import { runSql, startPostgresServer, type PostgresServer } from '../../support/postgres-server.js';

const logger = quietLogger();
const leftovers = createLeftovers();

describe('outbox and inbox', () => {
  let server: PostgresServer;
  let databaseUrl: string;
  let serviceUrl: string;
  let client: Client;
  let query: SqlExecutor;

  beforeAll(async () => {
    server = await startPostgresServer();
    serviceUrl = await server.createRole('service', server.adminUrl);
  }, 30_000);
  afterAll(() => server.stop());

  beforeEach(async () => {
    databaseUrl = await server.createDatabase();
    await runSql(databaseUrl, ...eventTablesSql, ...eventTablesGrantsSql('service'));
    const url = new URL(serviceUrl);
    url.pathname = new URL(databaseUrl).pathname;
    serviceUrl = url.href;
    client = await connectClient();
    query = async (sql, parameters) => (await client.query<Record<string, unknown>>(sql, [...parameters])).rows;
  });
  afterEach(() => leftovers.close());

  async function connectClient(): Promise<Client> {
    const connected = new Client({ connectionString: serviceUrl });
    connected.on('error', () => undefined);
    await connected.connect();
    leftovers.defer('client', () => connected.end());
    return connected;
  }

  const event = (number: number): DomainEvent => createDomainEvent({ type: 'user.signedUp', payload: { number } });

  function startRelay(bus: EventBus, pollIntervalMs = 1_000, connectionString = serviceUrl): void {
    startOutboxRelay({
      connectionString,
      bus,
      logger,
      lifecycle: leftovers,
      pollIntervalMs,
      batchSize: 10,
    });
  }

  /** A bus with one consumer that remembers what it was given. */
  function collectingBus(): { readonly bus: EventBus; readonly numbers: unknown[] } {
    const bus = createInProcessEventBus({ logger });
    const numbers: unknown[] = [];
    const handle = async ({ payload }: DomainEvent): Promise<void> => void numbers.push(payload['number']);
    bus.subscribe({ consumer: 'collector', types: ['user.signedUp'], handle });
    return { bus, numbers };
  }

  async function waitingEvents(): Promise<number> {
    return Number((await runSql(databaseUrl, 'select count(*) as count from outbox'))[0]?.['count']);
  }

  test('publish what a transaction appended once it commits, whole and soon', async () => {
    const bus = createInProcessEventBus({ logger });
    const received = Promise.withResolvers<DomainEvent>();
    bus.subscribe({ consumer: 'one', types: ['user.signedUp'], handle: async (taken) => received.resolve(taken) });
    startRelay(bus, 60_000);
    const appended = createDomainEvent({ type: 'user.signedUp', tenantId: 't1', payload: { name: 'Ünï', list: [1] } });

    await client.query('begin');
    await appendToOutbox(query, [appended]);
    await client.query('commit');

    expect(await received.promise).toEqual(appended);
    await eventually(async () => (await waitingEvents()) === 0);
  });

  test('publish nothing of a transaction that was rolled back', async () => {
    const { bus, numbers } = collectingBus();
    startRelay(bus);

    await client.query('begin');
    await appendToOutbox(query, [event(1)]);
    await client.query('rollback');
    await appendToOutbox(query, [event(2)]);

    await eventually(() => numbers.length > 0);
    expect(numbers).toEqual([2]);
  });

  test('take up what was appended while no relay ran, in order', async () => {
    const { bus, numbers } = collectingBus();
    const events = Array.from({ length: 35 }, (_, index) => event(index));
    await appendToOutbox(query, events);

    startRelay(bus);

    await eventually(() => numbers.length === 35);
    expect(numbers).toEqual(events.map(({ payload }) => payload['number']));
  });

  test('publish each event once though several relays run', async () => {
    const { bus, numbers } = collectingBus();
    // The collector's bus remembers ids; a plain bus beside it would count every publication.
    const published: unknown[] = [];
    const counting: EventBus = {
      subscribe: bus.subscribe,
      async publish(events) {
        published.push(...events.map(({ payload }) => payload['number']));
        await bus.publish(events);
      },
    };
    for (let relay = 0; relay < 3; relay += 1) startRelay(counting);

    for (let batch = 0; batch < 20; batch += 1) {
      await appendToOutbox(
        query,
        Array.from({ length: 10 }, (_, index) => event(batch * 10 + index)),
      );
    }

    await eventually(async () => (await waitingEvents()) === 0);
    expect(published).toHaveLength(200);
    expect(new Set(numbers).size).toBe(200);
  });

  test('keep an event that is refused and publish those behind it', async () => {
    const published: number[] = [];
    let isRefusing = true;
    const bus: EventBus = {
      subscribe: () => ({ close: async () => undefined }),
      async publish(events) {
        const number = Number(events[0]?.payload['number']);
        if (isRefusing && number < 15) throw new Error('refused');
        published.push(number);
      },
    };
    startRelay(bus, 50);

    // More refused ones than one batch holds, so that they would fill every batch if they did not step back.
    await appendToOutbox(
      query,
      Array.from({ length: 20 }, (_, index) => event(index)),
    );
    await eventually(() => published.length === 5);
    isRefusing = false;
    await eventually(() => published.length === 20);

    expect(published.slice(0, 5)).toEqual([15, 16, 17, 18, 19]);
  });

  test('go on after the database connection was cut', async () => {
    const { bus, numbers } = collectingBus();
    startRelay(bus);
    await appendToOutbox(query, [event(1)]);
    await eventually(() => numbers.length === 1);

    await server.dropConnections(databaseUrl);
    await runSql(
      databaseUrl,
      `insert into outbox (id, type, event) values ('${event(2).id}', 'user.signedUp', '${JSON.stringify(event(2))}')`,
    );

    await eventually(() => numbers.includes(2));
  });

  describeWithProgram('pgbouncer', 'behind pgbouncer in transaction mode', () => {
    test('publish what was appended, as by a connection of their own', async () => {
      const bouncer = await startPgBouncer(serviceUrl, { poolSize: 2 });
      leftovers.defer('pgbouncer', () => bouncer.stop());
      const { bus, numbers } = collectingBus();
      const events = Array.from({ length: 35 }, (_, index) => event(index));

      startRelay(bus, 50, bouncer.url);
      await appendToOutbox(query, events);

      await eventually(async () => (await waitingEvents()) === 0);
      expect(numbers).toEqual(events.map(({ payload }) => payload['number']));
    });
  });

  test('finish the batch in hand before the relay is closed', async () => {
    const begun = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    const bus: EventBus = {
      subscribe: () => ({ close: async () => undefined }),
      async publish() {
        begun.resolve();
        await mayEnd.promise;
      },
    };
    const relay = startOutboxRelay({ connectionString: serviceUrl, bus, logger, lifecycle: leftovers });
    await appendToOutbox(query, [event(1)]);
    await begun.promise;

    const closed = relay.close();
    mayEnd.resolve();
    await closed;

    expect(await waitingEvents()).toBe(0);
  });

  test('consume an event once, also when two deliveries of it race', async () => {
    const rival = await connectClient();
    const rivalQuery: SqlExecutor = async (sql, parameters) =>
      (await rival.query<Record<string, unknown>>(sql, [...parameters])).rows;
    const { id } = event(1);

    await client.query('begin');
    const first = await consumeOnce(query, 'tenant', id);
    const second = consumeOnce(rivalQuery, 'tenant', id);
    await client.query('commit');

    expect(first).toBe(true);
    expect(await second).toBe(false);
    expect(await consumeOnce(query, 'user', id)).toBe(true);
  });

  test('consume an event again whose first consumption was rolled back', async () => {
    const { id } = event(1);
    await client.query('begin');
    await consumeOnce(query, 'tenant', id);
    await client.query('rollback');

    expect(await consumeOnce(query, 'tenant', id)).toBe(true);
  });

  test('forget consumed events of long ago alone', async () => {
    const [old, recent] = [event(1), event(2)];
    await consumeOnce(query, 'tenant', old.id);
    await consumeOnce(query, 'tenant', recent.id);
    await runSql(
      databaseUrl,
      `update consumed_event set consumed_at = now() - interval '40 days' where event_id = '${old.id}'`,
    );

    expect(await pruneConsumedEvents(query, 30)).toBe(1);
    expect(await consumeOnce(query, 'tenant', recent.id)).toBe(false);
  });
});
