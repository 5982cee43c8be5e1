import { z } from 'zod';

/** A secret, first, and others beside it while one takes the place of another: made with the first, accepted by any. */
export type Secrets = readonly [string, ...string[]];

/**
 * Reads a secret that can be replaced without a stop: several, parted by commas. One alone is taken to the letter, as ever; among
 * several, white space at the edges would make two of what is meant to be one, so it is refused.
 *
 * @param field what each of them must be
 */
export function secretsOf(field: z.ZodType<string, string>): z.ZodType<Secrets, string> {
  return z.string().transform((text, issues): Secrets => {
    const [first = '', ...others] = text.split(',');
    const secrets: Secrets = [first, ...others];
    const fault = others.length === 0 ? faultOf(field, first) : faultOfSeveral(field, secrets);
    if (fault === undefined) return secrets;
    issues.addIssue({ code: 'custom', message: fault });
    return z.NEVER;
  });
}

function faultOf(field: z.ZodType<string, string>, secret: string): string | undefined {
  return field.safeParse(secret).error?.issues[0]?.message;
}

function faultOfSeveral(field: z.ZodType<string, string>, secrets: Secrets): string | undefined {
  const faults = secrets.flatMap((secret) => faultOf(field, secret) ?? []);
  if (faults[0] !== undefined) return `${faults[0]}, each of them`;
  if (secrets.some((secret) => secret !== secret.trim())) return 'must not have white space around its secrets';
  return new Set(secrets).size < secrets.length ? 'must not hold the same secret twice' : undefined;
}
