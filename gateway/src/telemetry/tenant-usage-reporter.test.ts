import { expect, test } from '@jest/globals';
import type { DomainEvent, EventBus } from '@tessera/service/events';
import type { Principal } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import { startTenantUsageReporter } from './tenant-usage-reporter.js';

const person: Principal = { kind: 'user', tenantId: 'tenant', roles: [], scopes: [] };
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
  const reporter = startTenantUsageReporter({ eventBus, logger, connected: () => [], intervalMs: 5 });
  reporter.record(person, 1, false);

  await triedAgain;
  reporter.record(person, 1, false);
  isBroken = false;
  await reporter.close();

  const reports = new Map(published.flat().map(({ id, payload }) => [id, payload['requests']]));
  expect([...reports.values()]).toEqual([1, 1]);
});
