import { createHash } from 'node:crypto';

export interface BreachedPasswordsOptions {
  /** Where `/range/<five hex digits>` is (https://haveibeenpwned.com/API/v3#PwnedPasswords). */
  readonly url: string;
  /** Default 1,500. */
  readonly timeoutMs?: number;
}

/** Tells whether a password is known from a breach. @throws Error where nobody can tell */
export type IsBreached = (password: string) => Promise<boolean>;

const prefixLength = 5;

/**
 * Creates the question to a service that knows breached passwords. It is told the first five digits of a SHA-1, which
 * hundreds of passwords share, and never the password or its hash (k-anonymity).
 */
export function createBreachedPasswords({ url, timeoutMs = 1_500 }: BreachedPasswordsOptions): IsBreached {
  const base = url.replace(/\/$/, '');
  return async (password) => {
    const digest = createHash('sha1').update(password).digest('hex').toUpperCase();
    const response = await fetch(`${base}/range/${digest.slice(0, prefixLength)}`, {
      // Answers of equal size tell a listener nothing.
      headers: { 'add-padding': 'true' },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) throw new Error(`Breached passwords were answered with status ${response.status}`);
    const suffix = digest.slice(prefixLength);
    const text = await response.text();
    // Padding has the count 0.
    return text
      .split(/\r?\n/)
      .some((line) => line.startsWith(`${suffix}:`) && Number(line.slice(suffix.length + 1)) > 0);
  };
}
