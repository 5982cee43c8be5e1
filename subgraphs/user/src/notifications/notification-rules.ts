import type { DomainEvent } from '@tessera/service/events';
import type { JsonObject } from '@tessera/service/json';
import { z } from 'zod';
import type { NotificationKind } from './notification-kind.js';

/**
 * Who is told: a person; that person where somebody else is in the tenant too (who founds one need not be told); or who
 * administers the tenant, except for whom it is about.
 */
export type Recipients =
  | { readonly to: 'person'; readonly userId: string }
  | { readonly to: 'newcomer'; readonly userId: string }
  | { readonly to: 'administrators'; readonly exceptUserId?: string };

/** What an event tells to whom. */
export interface NotificationDraft {
  readonly kind: NotificationKind;
  readonly recipients: Recipients;
  readonly subjectId?: string;
  readonly data: JsonObject;
}

const memberSchema = z.object({ userId: z.uuid(), role: z.string(), tenantName: z.string().optional() });
const alertSchema = z.object({ alertId: z.uuid(), ruleName: z.string(), value: z.number(), threshold: z.number() });
const personSchema = z.looseObject({ userId: z.uuid() });

type Rule = (payload: JsonObject) => readonly NotificationDraft[];

const rules: Readonly<Record<string, Rule>> = {
  'member.joined': (payload) => {
    const { userId, ...data } = memberSchema.parse(payload);
    return [
      { kind: 'JOINED_TENANT', recipients: { to: 'newcomer', userId }, data: withoutAbsent(data) },
      {
        kind: 'MEMBER_JOINED',
        recipients: { to: 'administrators', exceptUserId: userId },
        subjectId: userId,
        data: withoutAbsent(data),
      },
    ];
  },
  'member.roleChanged': (payload) => {
    const { userId, ...data } = memberSchema.parse(payload);
    return [{ kind: 'ROLE_CHANGED', recipients: { to: 'person', userId }, data: withoutAbsent(data) }];
  },
  'member.deactivated': (payload) => {
    const { userId, tenantName } = memberSchema.parse(payload);
    return [
      { kind: 'MEMBERSHIP_DEACTIVATED', recipients: { to: 'person', userId }, data: withoutAbsent({ tenantName }) },
    ];
  },
  'member.reactivated': (payload) => {
    const { userId, ...data } = memberSchema.parse(payload);
    return [{ kind: 'MEMBERSHIP_REACTIVATED', recipients: { to: 'person', userId }, data: withoutAbsent(data) }];
  },
  'member.removed': (payload) => {
    const { userId, tenantName } = memberSchema.parse(payload);
    return [{ kind: 'REMOVED_FROM_TENANT', recipients: { to: 'person', userId }, data: withoutAbsent({ tenantName }) }];
  },
  'alert.fired': (payload) => [
    { kind: 'ALERT_FIRED', recipients: { to: 'administrators' }, data: alertSchema.parse(payload) },
  ],
  'alert.resolved': (payload) => [
    { kind: 'ALERT_RESOLVED', recipients: { to: 'administrators' }, data: alertSchema.parse(payload) },
  ],
  'quota.warning': (payload) => [{ kind: 'QUOTA_WARNING', recipients: { to: 'administrators' }, data: payload }],
  'export.ready': (payload) => {
    const { userId, ...data } = personSchema.parse(payload);
    return [{ kind: 'EXPORT_READY', recipients: { to: 'person', userId }, data: data as JsonObject }];
  },
};

/** Types of the events that somebody is told of. */
export const notifyingEventTypes: readonly string[] = Object.keys(rules);

/** @throws ZodError for an event that is not as its publisher promises */
export function draftNotifications({ type, payload }: DomainEvent): readonly NotificationDraft[] {
  return rules[type]?.(payload) ?? [];
}

function withoutAbsent(data: Readonly<Record<string, string | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(data).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
