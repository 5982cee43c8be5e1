/** What a person is told of, and what that means. */
const kindMeanings = {
  JOINED_TENANT: 'The person was taken into a tenant. `data`: `tenantName`, `role`.',
  ROLE_CHANGED: 'The person has another role in a tenant. `data`: `tenantName`, `role`.',
  REMOVED_FROM_TENANT: 'The person is in a tenant no longer. `data`: `tenantName`.',
  MEMBERSHIP_DEACTIVATED: 'An administrator has locked the person out of a tenant for now. `data`: `tenantName`.',
  MEMBERSHIP_REACTIVATED: 'The person is in a tenant again. `data`: `tenantName`, `role`.',
  MEMBER_JOINED: 'Somebody joined a tenant that the person administers. `data`: `tenantName`, `role`.',
  ALERT_FIRED:
    'An alert of a tenant that the person administers fires. `data`: `alertId`, `ruleName`, `value`, `threshold`.',
  ALERT_RESOLVED: 'An alert of which the person was told is over. `data`: `alertId`, `ruleName`, `value`, `threshold`.',
  QUOTA_WARNING: 'A tenant that the person administers has used up much of what its plan allows. `data` says of what.',
  EXPORT_READY:
    'What the person asked to take out is ready. `data`: `exportId`, `scope`, `sizeBytes` and `expiresAt`, until when it is kept.',
} as const;

export type NotificationKind = keyof typeof kindMeanings;

export const notificationKinds = Object.keys(kindMeanings) as readonly NotificationKind[];

export const describeKind = (kind: NotificationKind): string => kindMeanings[kind];
