import { sqlOf, type RunSql } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { takeCeremony } from './passkey-ceremony.js';
import { signInResponseSchema } from './passkey-response.js';
import { userHandleOf, type RelyingParty } from './relying-party.js';

/** What an authenticator has answered to which question. */
export const assertionSchema = z.object({ ceremonyId: z.string().max(64), response: signInResponseSchema });

export type Assertion = z.infer<typeof assertionSchema>;

export interface KnownPasskey {
  readonly id: string;
  readonly userId: string;
  readonly email: string;
  readonly isEmailVerified: boolean;
  readonly credentialId: string;
  readonly publicKey: Buffer;
  /** A bigint, as the database writes it. */
  readonly counter: string;
}

/** How an answer stands. */
export interface CheckedAssertion {
  /** Which passkey it says to be of, where there is such a one. */
  readonly passkey: KnownPasskey | undefined;
  /** The authenticator's new counter; undefined for an answer that is not the passkey's to this question. */
  readonly counter: number | undefined;
}

export interface PasskeyAssertionsOptions {
  readonly openScope: () => DataScope;
  readonly relyingParty: RelyingParty;
}

/** Checks what authenticators answer. */
export class PasskeyAssertions {
  constructor(private readonly options: PasskeyAssertionsOptions) {}

  /** Uses the question up before its answer is looked at. Who is let in by it then calls {@link usePasskey}. */
  async check({ ceremonyId, response }: Assertion): Promise<CheckedAssertion> {
    const asked = await this.options.openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      const challenge = await takeCeremony(query, ceremonyId, undefined);
      return challenge === undefined ? undefined : { challenge, passkey: await findPasskey(query, response.id) };
    });
    const passkey = asked?.passkey;
    if (passkey === undefined) return { passkey, counter: undefined };
    return { passkey, counter: await this.#verify(response, asked?.challenge ?? '', passkey) };
  }

  async #verify(
    response: Assertion['response'],
    expectedChallenge: string,
    { userId, credentialId, publicKey, counter }: KnownPasskey,
  ): Promise<number | undefined> {
    const { verifyAuthenticationResponse } = await import('@simplewebauthn/server');
    const { id, origins } = this.options.relyingParty;
    // The authenticator says whose passkey it is: it must be its owner's (WebAuthn Level 3, 7.2, step 6).
    if (response.response.userHandle !== Buffer.from(userHandleOf(userId)).toString('base64url')) return undefined;
    const verified = await verifyAuthenticationResponse({
      response,
      expectedChallenge,
      expectedOrigin: [...origins],
      expectedRPID: id,
      credential: { id: credentialId, publicKey: new Uint8Array(publicKey), counter: Number(counter) },
      requireUserVerification: true,
    }).catch(() => undefined);
    return verified?.verified === true ? verified.authenticationInfo.newCounter : undefined;
  }
}

/** Notes, in the transaction of who is let in by it, that a passkey was used. @returns whether its counter allows that, and it is still there */
export async function usePasskey(query: RunSql, { id }: KnownPasskey, counter: number): Promise<boolean> {
  const used = await query(
    // Authenticators that do not count say 0 every time.
    `update passkey set counter = $2, last_used_at = now()
     where id = $1 and (counter < $2 or (counter = 0 and $2 = 0)) returning 1`,
    [id, counter],
  );
  return used.length > 0;
}

async function findPasskey(query: RunSql, credentialId: string): Promise<KnownPasskey | undefined> {
  const [passkey] = await query<KnownPasskey>(
    `select passkey.id, passkey.user_id as "userId", account.email,
            account.email_verified_at is not null as "isEmailVerified",
            passkey.credential_id as "credentialId", passkey.public_key as "publicKey", passkey.counter
     from passkey join account on account.id = passkey.user_id where passkey.credential_id = $1`,
    [credentialId],
  );
  return passkey;
}
