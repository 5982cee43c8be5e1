import { z } from 'zod';

/** A secret, first, and others beside it while one takes the place of another: made with the first, accepted by any. */
export type Secrets = readonly [string, ...string[]];

/**
 * Reads a secret that can be replaced without a stop: several, parted by commas.
 *
 * @param field what each of them must be
 */
export function secretsOf(field: z.ZodType<string, string>): z.ZodType<Secrets, string> {
  return z.string().transform((text, issues): Secrets => {
    const [first = '', ...others] = text.split(',').map((secret) => secret.trim());
    const secrets: Secrets = [first, ...others];
    for (const secret of secrets) {
      const parsed = field.safeParse(secret);
      if (parsed.success) continue;
      const [issue] = parsed.error.issues;
      issues.addIssue({ code: 'custom', message: `${issue?.message}${others.length > 0 ? ', each of them' : ''}` });
      return z.NEVER;
    }
    if (new Set(secrets).size < secrets.length) {
      issues.addIssue({ code: 'custom', message: 'must not hold the same secret twice' });
    }
    return secrets;
  });
}
