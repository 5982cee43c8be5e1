import { z } from 'zod';

/** RFC 5646, 4.4.1. */
export const maxLocaleLength = 35;

/** A BCP 47 language tag in its canonical form. */
export const localeSchema = z
  .string()
  .max(maxLocaleLength)
  .transform((tag, issues) => {
    try {
      return Intl.getCanonicalLocales(tag)[0] ?? null;
    } catch {
      issues.addIssue({ code: 'custom', message: 'must be a BCP 47 language tag, e.g. zh-CN' });
      return z.NEVER;
    }
  });
