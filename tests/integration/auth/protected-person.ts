import { Secret, TOTP } from 'otpauth';
import type { AuthHarness, SignedUp } from '../../support/auth-harness.js';

export const enroll = 'mutation { enrollTotp { secret uri } }';
export const confirm = 'mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { codes } }';

export interface Protected extends SignedUp {
  readonly recoveryCodes: readonly string[];
  /** The code of a step of time: 0 is the present one, 1 the next. Neither counts as used up by turning the app on. */
  code(step?: number): string;
}

export async function aProvenPerson(harness: AuthHarness, name: string): Promise<SignedUp> {
  const person = await harness.signUp(name);
  await harness.sql(`update account set email_verified_at = now() where id = '${person.userId}'`);
  return person;
}

/** Someone whose sign-ins ask for a code. */
export async function aProtectedPerson(harness: AuthHarness, name: string): Promise<Protected> {
  const person = await aProvenPerson(harness, name);
  const { secret } = (await harness.request(person.principal, enroll)).data.enrollTotp;
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  const code = (step = 0) => totp.generate({ timestamp: Date.now() + step * 30_000 });
  const answer = await harness.request(person.principal, confirm, { input: { code: code() } });
  await harness.sql(`update totp_factor set last_used_step = 0 where user_id = '${person.userId}'`);
  return { ...person, recoveryCodes: answer.data.confirmTotp.codes, code };
}
