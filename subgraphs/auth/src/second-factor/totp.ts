import { Secret, TOTP } from 'otpauth';

/** RFC 6238 with what every authenticator app knows: SHA-1, six digits, 30 seconds. */
const parameters = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
/** Steps that a clock may be off, each way. */
const window = 1;

const codePattern = /^\d{6}$/;

/** Whether somebody typed a code of an authenticator app, not a recovery code. */
export const isTotpCode = (code: string): boolean => codePattern.test(code);

/** A new secret of 160 bits (RFC 4226, 4), in base 32. */
export const createTotpSecret = (): string => new Secret({ size: 20 }).base32;

/** What an app reads from a picture: `otpauth://totp/…`. */
export function totpUri(secret: string, issuer: string, label: string): string {
  return new TOTP({ ...parameters, issuer, label, secret }).toString();
}

/** The step of time that a code belongs to; undefined for a wrong one. @param nowMs milliseconds since the epoch */
export function totpStep(secret: string, code: string, nowMs: number): number | undefined {
  const totp = new TOTP({ ...parameters, secret });
  const delta = totp.validate({ token: code, timestamp: nowMs, window });
  return delta === null ? undefined : totp.counter({ timestamp: nowMs }) + delta;
}
