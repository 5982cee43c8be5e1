import { randomUUID } from 'node:crypto';
import { createDomainEvent, type DomainEvent, type EventBus } from '@tessera/service/events';
import type { Principal } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import { tenantUsageEventType } from '@tessera/service/metrics';
import { PeopleCalls } from './people-calls.js';
import { TenantUsageWindow } from './tenant-usage-window.js';

export interface TenantUsageReporterOptions {
  readonly eventBus: Pick<EventBus, 'publish'>;
  readonly logger: Pick<Logger, 'warn'>;
  /** Who is at the other ends of the open sockets, now. */
  readonly connected: () => Iterable<Principal>;
  /** Default 1,000. */
  readonly intervalMs?: number;
  /** How often people called is told in every so many reports: each of them is a row to be written. Default 60. */
  readonly reportsPerPeople?: number;
}

/** Tells analytics, once a second, what each tenant did through this gateway. */
export interface TenantUsageReporter {
  record(principal: Principal, durationMs: number, failed: boolean): void;
  /** Sends what is left, and stops. */
  close(): Promise<void>;
}

/** Of more tenants in one report the rest is not counted. */
const maxTenants = 10_000;

/** Starts the reporter. */
export function startTenantUsageReporter(options: TenantUsageReporterOptions): TenantUsageReporter {
  const { eventBus, logger, connected, intervalMs = 1_000, reportsPerPeople = 60 } = options;
  const gatewayId = randomUUID();
  let windows = new Map<string, TenantUsageWindow>();
  /** Tenants whose last report said that they hold sockets: when they let go, that is news too. */
  let holdingSockets = new Set<string>();
  const peopleCalls = new PeopleCalls();
  let reportsUntilPeople = reportsPerPeople;
  let startedAtMs = performance.now();
  let reporting: Promise<void> | undefined;
  /**
   * Reports that were not accepted, or of which that is not known: they are sent again as they are, under the same ids, so that
   * none counts twice. Meanwhile the windows go on counting.
   */
  let unaccepted: readonly DomainEvent[] = [];

  const windowOf = (tenantId: string): TenantUsageWindow | undefined => {
    const known = windows.get(tenantId);
    if (known !== undefined || windows.size >= maxTenants) return known;
    const window = new TenantUsageWindow();
    windows.set(tenantId, window);
    return window;
  };

  const countConnections = (): Map<string, number> => {
    const connections = new Map<string, number>();
    for (const { tenantId, userId } of connected()) {
      if (tenantId === undefined) continue;
      connections.set(tenantId, (connections.get(tenantId) ?? 0) + 1);
      windowOf(tenantId)?.addUser(userId);
    }
    return connections;
  };

  const takePeople = (isLast: boolean): ReturnType<PeopleCalls['take']> => {
    reportsUntilPeople -= 1;
    if (reportsUntilPeople > 0 && !isLast && !peopleCalls.isFull) return new Map();
    reportsUntilPeople = reportsPerPeople;
    return peopleCalls.take();
  };

  const takeReports = (isLast: boolean): readonly DomainEvent[] => {
    const connections = countConnections();
    for (const tenantId of holdingSockets) windowOf(tenantId);
    holdingSockets = new Set(connections.keys());
    const people = takePeople(isLast);
    const active = new Set(windows.keys());
    for (const tenantId of people.keys()) windowOf(tenantId);
    const reported = windows;
    const windowMs = Math.max(1, performance.now() - startedAtMs);
    [windows, startedAtMs] = [new Map(), performance.now()];
    return [...reported].map(([tenantId, window]): DomainEvent => {
      const payload = window.toUsage(gatewayId, windowMs, connections.get(tenantId) ?? 0, people.get(tenantId));
      const isOfPeopleAlone = !active.has(tenantId);
      return createDomainEvent({ type: tenantUsageEventType, tenantId, payload: { ...payload, isOfPeopleAlone } });
    });
  };

  const report = async (isLast = false): Promise<void> => {
    const isRepetition = unaccepted.length > 0;
    if (!isRepetition) unaccepted = takeReports(isLast);
    if (unaccepted.length === 0) return;
    try {
      await eventBus.publish(unaccepted);
      unaccepted = [];
    } catch (error) {
      logger.warn({ err: error, tenants: unaccepted.length }, 'reporting usage failed: it is tried again');
      return;
    }
    if (isRepetition) await report(isLast);
  };

  const timer = setInterval(() => {
    reporting ??= report().finally(() => (reporting = undefined));
  }, intervalMs);
  timer.unref();

  return {
    record({ tenantId, userId }, durationMs, failed) {
      const window = tenantId === undefined ? undefined : windowOf(tenantId);
      window?.record(durationMs, failed);
      window?.addUser(userId);
      if (tenantId !== undefined && userId !== undefined) peopleCalls.count(tenantId, userId);
    },
    async close() {
      clearInterval(timer);
      await reporting;
      await report(true);
    },
  };
}
