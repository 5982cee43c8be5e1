import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { sqlOf, type RunSql } from '@tessera/service/database';
import { type AppError, parseInput } from '@tessera/service/errors';
import { unauthenticated } from '@tessera/service/identity';
import type { JsonObject } from '@tessera/service/json';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { emailSchema } from '../accounts/email.js';
import { recordAudit } from '../audit/record-audit.js';
import { refusedSignIn, type SignInAnswer, type SignInCompletion } from '../sign-in/sign-in-completion.js';
import { assertionSchema, usePasskey, type PasskeyAssertions } from './passkey-assertions.js';
import { ceremonySeconds, startCeremony } from './passkey-ceremony.js';
import type { PasskeyDecoys } from './passkey-decoys.js';
import type { PasskeyQuestion } from './passkey.service.js';
import type { RelyingParty } from './relying-party.js';

const startSchema = z.object({ email: emailSchema.nullish() });

export interface PasskeySignInOptions {
  readonly openScope: () => DataScope;
  readonly relyingParty: RelyingParty;
  readonly assertions: PasskeyAssertions;
  readonly completion: SignInCompletion;
  readonly decoys: PasskeyDecoys;
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
    const assertion = parseInput(assertionSchema, input);
    const { openScope, assertions, completion } = this.options;
    const { passkey, counter } = await assertions.check(assertion);
    if (passkey === undefined || counter === undefined) {
      const record = toAuditRecord(caller, refusedSignIn(passkey?.userId, 'hwk'));
      await openScope().write((entityManager) => recordAudit(sqlOf(entityManager), record));
      throw refused();
    }
    const step = await openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      if (!(await usePasskey(query, passkey, counter))) throw refused();
      const { userId, email, isEmailVerified } = passkey;
      return completion.proceed(query, caller, { userId, email, isEmailVerified, methods: ['hwk', 'mfa'] });
    });
    return completion.answer(step, caller);
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

function refused(): AppError {
  return unauthenticated('WRONG_CREDENTIALS', 'The passkey was not accepted: begin again');
}
