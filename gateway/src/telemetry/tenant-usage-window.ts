import { usageLatencyBoundsMs, type TenantUsage } from '@tessera/service/metrics';

const maxUserIds = 1_000;

/** What one tenant did since the last report that got through. */
export class TenantUsageWindow {
  requests = 0;
  errors = 0;
  readonly latencyCounts: number[] = Array.from({ length: usageLatencyBoundsMs.length + 1 }, () => 0);
  readonly userIds = new Set<string>();

  record(durationMs: number, failed: boolean): void {
    const index = usageLatencyBoundsMs.findIndex((boundMs) => durationMs <= boundMs);
    const bucket = index === -1 ? usageLatencyBoundsMs.length : index;
    this.requests += 1;
    this.errors += failed ? 1 : 0;
    this.latencyCounts[bucket] = (this.latencyCounts[bucket] ?? 0) + 1;
  }

  addUser(userId: string | undefined): void {
    if (userId !== undefined && this.userIds.size < maxUserIds) this.userIds.add(userId);
  }

  toUsage(
    gatewayId: string,
    windowMs: number,
    activeConnections: number,
    calls: ReadonlyMap<string, number> | undefined,
  ): Omit<TenantUsage, 'isOfPeopleAlone'> {
    const { requests, errors, latencyCounts, userIds } = this;
    const userCalls = [...(calls ?? [])];
    return {
      gatewayId,
      windowMs,
      requests,
      errors,
      latencyCounts,
      activeConnections,
      userIds: [...userIds],
      userCalls,
    };
  }
}
