import { expect, test } from '@jest/globals';
import type { DomainEvent, EventBus } from '@tessera/service/events';
import type { Principal } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import { startTenantUsageReporter } from './tenant-usage-reporter.js';

const person: Principal = { kind: 'user', userId: 'person', tenantId: 'tenant', roles: [], scopes: [] };
const logger: Pick<Logger, 'warn'> = { warn: () => undefined };

test('a report that may not have been accepted is sent again as it was, and counts once', async () => {
  const published: DomainEvent[][] = [];
  let isBroken = true;
  let isTriedAgain = (): void => undefined;
  const triedAgain = new Promise<void>((resolve) => (isTriedAgain = resolve));
  const eventBus: Pick<EventBus, 'publish'> = {
    async publish(events) {
      published.push([...events]);
      if (published.length > 1) isTriedAgain();
      // The broker has it, and the answer is lost.
      if (isBroken) throw new Error('no answer');
    },
  };
  const reporter = startTenantUsageReporter({
    ...{ eventBus, logger, connected: () => [], intervalMs: 5, reportsPerPeople: 1 },
  });
  reporter.record(person, 1, false);

  await triedAgain;
  reporter.record(person, 1, false);
  isBroken = false;
  await reporter.close();

  const reports = new Map(
    published.flat().map(({ id, payload: { requests, userCalls } }) => [id, { requests, userCalls }]),
  );
  const once = { requests: 1, userCalls: [['person', 1]] };
  expect([...reports.values()]).toEqual([once, once]);
});

test('how often people called is told in every so many reports, and in the last one', async () => {
  const told: unknown[] = [];
  let isQuiet = (): void => undefined;
  const eventBus: Pick<EventBus, 'publish'> = {
    async publish(events) {
      told.push(...events.map(({ payload }) => payload['userCalls']));
      isQuiet();
    },
  };
  const nextReport = (): Promise<void> => new Promise((resolve) => (isQuiet = resolve));
  const reporter = startTenantUsageReporter({
    ...{ eventBus, logger, connected: () => [], intervalMs: 5, reportsPerPeople: 1_000_000 },
  });
  const first = nextReport();
  reporter.record(person, 1, false);
  reporter.record({ ...person, userId: 'another' }, 1, false);

  await first;
  reporter.record(person, 1, true);
  await reporter.close();

  expect(told[0]).toEqual([]);
  expect(told.at(-1)).toEqual([
    ['person', 2],
    ['another', 1],
  ]);
});

test('what is told of people late says that nothing else happened', async () => {
  const told: unknown[] = [];
  let isQuiet = (): void => undefined;
  const eventBus: Pick<EventBus, 'publish'> = {
    async publish(events) {
      told.push(...events.map(({ payload: { requests, isOfPeopleAlone } }) => ({ requests, isOfPeopleAlone })));
      isQuiet();
    },
  };
  const first = new Promise<void>((resolve) => (isQuiet = resolve));
  const reporter = startTenantUsageReporter({
    ...{ eventBus, logger, connected: () => [], intervalMs: 5, reportsPerPeople: 1_000_000 },
  });
  reporter.record(person, 1, false);

  await first;
  await reporter.close();

  expect(told).toEqual([
    { requests: 1, isOfPeopleAlone: false },
    { requests: 0, isOfPeopleAlone: true },
  ]);
});
