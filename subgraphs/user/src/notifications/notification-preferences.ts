import { z } from 'zod';
import { notificationKinds, type NotificationKind } from './notification-kind.js';

/** What is worth a mail unless the person says otherwise: what has to be acted upon, and what was asked for. */
const mailedUnlessRefused: ReadonlySet<NotificationKind> = new Set(['QUOTA_WARNING', 'EXPORT_READY']);

const timeSchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day, e.g. 22:00');

const quietHoursSchema = z
  .strictObject({ from: timeSchema, to: timeSchema })
  .refine(({ from, to }) => from !== to, 'must end at another time than they begin');

export type QuietHours = z.infer<typeof quietHoursSchema>;

const channelsOf = (kind: NotificationKind) =>
  z
    .strictObject({
      inApp: z.boolean().default(true),
      mail: z.boolean().default(mailedUnlessRefused.has(kind)),
    })
    .prefault({});

const kindsShape = Object.fromEntries(notificationKinds.map((kind) => [kind, channelsOf(kind)])) as Record<
  NotificationKind,
  ReturnType<typeof channelsOf>
>;

/** By which channels a person is told of what, and when they are not to be mailed. What is absent has its default. */
export const notificationPreferencesSchema = z.strictObject({
  kinds: z.strictObject(kindsShape).prefault({}),
  quietHours: quietHoursSchema.nullable().default(null),
});

export type NotificationPreferences = z.infer<typeof notificationPreferencesSchema>;
