import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { sqlOf, type RunSql } from '@tessera/service/database';
import { AppError, parseInput } from '@tessera/service/errors';
import type { JsonObject } from '@tessera/service/json';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { emailSchema } from '../accounts/email.js';
import { recordAudit } from '../audit/record-audit.js';
import { refusedSignIn, type SignInAnswer, type SignInCompletion } from '../sign-in/sign-in-completion.js';
import { ceremonySeconds, startCeremony, takeCeremony } from './passkey-ceremony.js';
import type { PasskeyDecoys } from './passkey-decoys.js';
import { signInResponseSchema } from './passkey-response.js';
import type { PasskeyQuestion } from './passkey.service.js';
import { userHandleOf, type RelyingParty } from './relying-party.js';

const startSchema = z.object({ email: emailSchema.nullish() });
const completeSchema = z.object({ ceremonyId: z.string().max(64), response: signInResponseSchema });

export interface PasskeySignInOptions {
  readonly openScope: () => DataScope;
  readonly relyingParty: RelyingParty;
  readonly completion: SignInCompletion;
  readonly decoys: PasskeyDecoys;
}

interface KnownPasskey {
  readonly id: string;
  readonly userId: string;
  readonly email: string;
  readonly isEmailVerified: boolean;
  readonly credentialId: string;
  readonly publicKey: Buffer;
  /** A bigint, as the database writes it. */
  readonly counter: string;
}

/** Signing in with a passkey, with or without saying who one is. */
export class PasskeySignInService {
  constructor(private readonly options: PasskeySignInOptions) {}

  /**
   * Asks for a passkey: any, or one of an address. An address without passkeys, or without an account, is answered with
   * passkeys that nobody has, so that the answer does not tell.
   */
  async start(input: unknown): Promise<PasskeyQuestion> {
    const { email } = parseInput(startSchema, input);
    const { generateAuthenticationOptions } = await import('@simplewebauthn/server');
    const { openScope, relyingParty } = this.options;
    return openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      const options = await generateAuthenticationOptions({
        rpID: relyingParty.id,
        timeout: ceremonySeconds * 1_000,
        userVerification: 'required',
        ...(email && { allowCredentials: await this.#credentialsOf(query, email) }),
      });
      const started = await startCeremony(query, options.challenge, undefined);
      return { ...started, options: JSON.parse(JSON.stringify(options)) as JsonObject };
    });
  }

  /** The person was verified by the authenticator, so a passkey is two factors. @throws AppError `UNAUTHENTICATED` */
  async complete(caller: AuditedCaller, input: unknown): Promise<SignInAnswer> {
    const { ceremonyId, response } = parseInput(completeSchema, input);
    const { openScope, completion } = this.options;
    const asked = await openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      const challenge = await takeCeremony(query, ceremonyId, undefined);
      return challenge === undefined ? undefined : { challenge, passkey: await findPasskey(query, response.id) };
    });
    const passkey = asked?.passkey;
    const counter = asked && passkey && (await this.#verify(response, asked.challenge, passkey));
    if (passkey === undefined || counter === undefined) {
      const record = toAuditRecord(caller, refusedSignIn(passkey?.userId, 'hwk'));
      await openScope().write((entityManager) => recordAudit(sqlOf(entityManager), record));
      throw refused();
    }
    const step = await openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      const [used] = await query(
        'update passkey set counter = $2, last_used_at = now() where id = $1 and counter <= $2 returning 1',
        [passkey.id, counter],
      );
      if (used === undefined) throw refused();
      const { userId, email, isEmailVerified } = passkey;
      return completion.proceed(query, caller, { userId, email, isEmailVerified, methods: ['hwk', 'mfa'] });
    });
    return completion.answer(step, caller);
  }

  /** @returns the authenticator's new counter, undefined for an answer that is not the passkey's to this question */
  async #verify(
    response: z.infer<typeof signInResponseSchema>,
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

  async #credentialsOf(query: RunSql, email: string): Promise<{ readonly id: string }[]> {
    const decoys = await this.options.decoys.of(query, email);
    const rows = await query<{ readonly id: string }>(
      `select credential_id as id from passkey join account on account.id = passkey.user_id
       where account.email = $1 order by passkey.id`,
      [email],
    );
    return [...(rows.length > 0 ? rows : decoys)];
  }
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

function refused(): AppError {
  return new AppError('UNAUTHENTICATED', 'The passkey was not accepted: begin again');
}
