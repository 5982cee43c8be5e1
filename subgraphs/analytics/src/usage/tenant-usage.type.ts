import { GraphQLSafeInt } from '@tessera/service/graphql';
import { nextMonth } from '@tessera/service/quotas';
import { Field, Int, ObjectType } from 'type-graphql';
import { UsageMeterKind, UsageMeterType } from './usage-meter.type.js';
import type { MonthlyUsage } from './usage-store.js';

@ObjectType('TenantUsage', { description: 'What a tenant used in this calendar month, in UTC.' })
export class TenantUsageType {
  @Field(() => GraphQLSafeInt, { description: 'Requests to the API.' })
  apiCalls!: number;

  @Field(() => GraphQLSafeInt, { description: 'Requests to the API that failed.' })
  apiErrors!: number;

  @Field(() => GraphQLSafeInt, { description: 'Tracked events.' })
  events!: number;

  @Field(() => Int, { description: 'Different people who called the API or tracked events.' })
  activeUsers!: number;

  @Field(() => [UsageMeterType], { description: 'The same beside what its plan allows.' })
  meters!: readonly UsageMeterType[];
}

export function toTenantUsageType({ limits, at, ...usage }: MonthlyUsage): TenantUsageType {
  const resetsAt = nextMonth(at);
  const meter = (kind: UsageMeterKind, used: number, limit: number | null): UsageMeterType =>
    Object.assign(new UsageMeterType(), { meter: kind, used, limit, resetsAt });
  return Object.assign(new TenantUsageType(), {
    ...usage,
    meters: [
      meter(UsageMeterKind.API_CALLS, usage.apiCalls, limits.apiCalls),
      meter(UsageMeterKind.ACTIVE_USERS, usage.activeUsers, limits.activeUsers),
      meter(UsageMeterKind.EVENTS, usage.events, limits.events),
    ],
  });
}
