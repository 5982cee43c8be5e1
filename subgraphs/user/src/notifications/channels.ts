import type { RunSql } from '@tessera/service/database';
import { readPreferences } from '../profiles/preferences.js';
import type { Preferences } from '../profiles/profile.entity.js';
import type { NotificationKind } from './notification-kind.js';
import { endOfQuietHours } from './quiet-hours.js';

/** By which channels one person is told of something. */
export interface Channels {
  readonly userId: string;
  readonly inApp: boolean;
  /** Absent where no mail is wanted; null: at once; otherwise not before. */
  readonly mailNotBefore?: Date | null;
}

const preferencesSql = `
  select person.id as "userId", profile.preferences, profile.time_zone as "timeZone"
  from unnest($1::uuid[]) as person (id) left join user_profile as profile on profile.user_id = person.id`;

interface Row {
  readonly userId: string;
  readonly preferences: Preferences | null;
  readonly timeZone: string | null;
}

/** Asks what people have chosen; who has no profile yet has chosen nothing. */
export async function readChannels(
  query: RunSql,
  userIds: readonly string[],
  kind: NotificationKind,
  now: Date,
): Promise<readonly Channels[]> {
  const rows = await query<Row>(preferencesSql, [userIds]);
  return rows.map(({ userId, preferences, timeZone }) => {
    const { kinds, quietHours } = readPreferences(preferences ?? {}).notifications;
    const { inApp, mail } = kinds[kind];
    if (!mail) return { userId, inApp };
    const end = quietHours === null ? undefined : endOfQuietHours(now, quietHours, timeZone ?? 'UTC');
    return { userId, inApp, mailNotBefore: end ?? null };
  });
}
