import { AppError } from '@tessera/service/errors';
import { z } from 'zod';
import type { Preferences } from './profile.entity.js';

const maxPreferencesBytes = 16 * 1_024;

const localeSchema = z
  .string()
  .max(100)
  .refine((locale) => canonicalLocale(locale) !== undefined, 'must be a BCP 47 language tag, e.g. de-CH')
  .transform((locale) => canonicalLocale(locale) ?? locale);

const timeZoneSchema = z
  .string()
  .max(100)
  .refine(isTimeZoneName, 'must be a name of the IANA time zone database, e.g. Europe/Zurich');

/** What may be changed of a profile; what is absent stays, what is null is cleared. */
export const updateProfileSchema = z.object({
  displayName: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .regex(/^\P{Cc}*$/u, 'must not contain control characters')
    .nullish()
    .transform((displayName) => displayName ?? undefined),
  avatarFileId: z.uuid().nullish(),
  locale: localeSchema.nullish(),
  timeZone: timeZoneSchema.nullish(),
});

export const updatePreferencesSchema = z.object({
  preferences: z.record(z.string().min(1).max(128), z.unknown()),
});

/**
 * Sets keys of preferences; a key whose new value is null is removed.
 *
 * @throws AppError `BAD_USER_INPUT` where the result takes more than 16 KB as JSON
 */
export function mergePreferences(current: Preferences, changes: Preferences): Preferences {
  const merged = Object.entries({ ...current, ...changes }).filter(([, value]) => value !== null);
  const preferences = Object.fromEntries(merged);
  const bytes = Buffer.byteLength(JSON.stringify(preferences));
  if (bytes > maxPreferencesBytes) {
    throw new AppError('BAD_USER_INPUT', `Preferences are larger than ${maxPreferencesBytes} bytes`, {
      details: { bytes, maxBytes: maxPreferencesBytes },
    });
  }
  return preferences;
}

function canonicalLocale(locale: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(locale)[0];
  } catch {
    return undefined;
  }
}

/** Intl also takes offsets such as +01:00, which say nothing about daylight saving time. */
function isTimeZoneName(timeZone: string): boolean {
  if (!/^[A-Za-z]/.test(timeZone)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
