import { plainTextSchema } from '@tessera/service/plain-text';
import { z } from 'zod';

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
  displayName: plainTextSchema(200)
    .nullish()
    .transform((displayName) => displayName ?? undefined),
  avatarFileId: z.uuid().nullish(),
  locale: localeSchema.nullish(),
  timeZone: timeZoneSchema.nullish(),
});

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
