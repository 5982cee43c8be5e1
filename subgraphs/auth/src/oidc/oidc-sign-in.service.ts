import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { newId, sqlOf, type RunSql } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import { appendToOutbox } from '@tessera/service/events';
import { emailSchema } from '../accounts/email.js';
import { recordAudit } from '../audit/record-audit.js';
import { userSignedUp } from '../events/user-signed-up.js';
import type { Proven } from '../sessions/open-session.js';
import {
  refusedSignIn,
  type SignInAnswer,
  type SignInCompletion,
  type SignInStep,
} from '../sign-in/sign-in-completion.js';
import { askBeforeSignUp } from '../hooks/ask-before-sign-up.js';
import type { Hooks } from '../hooks/hooks.js';
import { comeBack, parseStart, type ComeBackOptions, type ComingBack, type OidcStart } from './come-back.js';
import { createFlowSecrets } from './oidc-flow.js';

export interface OidcSignInOptions extends ComeBackOptions {
  readonly completion: SignInCompletion;
  readonly hooks: Hooks;
}

const methods = ['fed'] as const;

/** Signing in, and up, with an identity provider. */
export class OidcSignInService {
  constructor(private readonly options: OidcSignInOptions) {}

  /** @throws AppError `BAD_USER_INPUT` for an unknown provider or redirect URI, `SUBGRAPH_UNAVAILABLE` */
  async start(input: unknown): Promise<OidcStart> {
    const { providerId, redirectUri } = parseStart(input);
    const { client, flows, openScope } = this.options;
    client.assertRedirect(providerId, redirectUri);
    const secrets = createFlowSecrets();
    const authorizationUrl = await client.authorizationUrl(providerId, redirectUri, secrets);
    const target = { providerId, redirectUri, userId: undefined };
    const flow = await openScope().write((entityManager) => flows.start(sqlOf(entityManager), target, secrets));
    return { ...flow, authorizationUrl };
  }

  /**
   * Signs in who is known by this identity, and up who is not. An account is never found by an address: whoever has one
   * links the identity to it explicitly, signed in.
   *
   * @throws AppError `UNAUTHENTICATED`; for somebody new, `PRECONDITION_FAILED` where the provider has not verified the
   *   address, `FORBIDDEN` where a hook refuses it, and `CONFLICT` where the
   *   verified address has an account
   */
  async complete(caller: AuditedCaller, input: unknown): Promise<SignInAnswer> {
    const { openScope, completion } = this.options;
    const identity = await comeBack(this.options, input, undefined).catch(async (error: unknown) => {
      await this.#recordRefusal(caller, error);
      throw error;
    });
    const known = await openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      const person = await findKnown(query, identity);
      return person && completion.proceed(query, caller, person);
    });
    return completion.answer(known ?? (await this.#welcome(caller, identity)), caller);
  }

  /** Who it was to be is not known. What the provider could not be asked says nothing about who came. */
  async #recordRefusal(caller: AuditedCaller, error: unknown): Promise<void> {
    if (!(error instanceof AppError) || error.code !== 'UNAUTHENTICATED') return;
    const record = toAuditRecord(caller, refusedSignIn(undefined, 'fed'));
    await this.options.openScope().write((entityManager) => recordAudit(sqlOf(entityManager), record));
  }

  /** Somebody new signs up, where no hook refuses it; who has come twice at once has one account. */
  async #welcome(caller: AuditedCaller, identity: ComingBack): Promise<SignInStep> {
    const { openScope, completion, hooks } = this.options;
    const person = newPersonOf(identity);
    const { email, displayName } = person;
    await askBeforeSignUp(this.options, caller, { email, displayName, locale: null, provider: identity.providerId });
    return openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      const known = await findKnown(query, identity);
      if (known !== undefined) return completion.proceed(query, caller, known);
      const added = await signUp(query, caller, identity, person);
      await hooks.plan(query, 'signUp', { userId: added.userId, email, displayName, locale: null });
      return completion.proceed(query, caller, added);
    });
  }
}

interface NewPerson {
  readonly email: string;
  readonly displayName: string;
}

/** @throws AppError `PRECONDITION_FAILED` where the provider has not verified the address */
function newPersonOf({ email: claimed, isEmailVerified, name }: ComingBack): NewPerson {
  const email = emailSchema.safeParse(claimed).data;
  if (email === undefined || !isEmailVerified) {
    throw new AppError('PRECONDITION_FAILED', 'The provider has not verified the e-mail address', {
      details: { reason: 'EMAIL_NOT_VERIFIED' },
    });
  }
  return { email, displayName: name ?? email.split('@')[0] ?? email };
}

async function findKnown(query: RunSql, { issuer, subject, providerId }: ComingBack): Promise<Proven | undefined> {
  const [known] = await query<Omit<Proven, 'methods'>>(
    `update external_identity set last_used_at = now() from account
     where issuer = $1 and subject = $2 and account.id = external_identity.user_id
     returning account.id as "userId", account.email, account.email_verified_at is not null as "isEmailVerified"`,
    [issuer, subject],
  );
  return known && { ...known, methods, providerId };
}

async function signUp(
  query: RunSql,
  caller: AuditedCaller,
  { providerId, issuer, subject }: ComingBack,
  { email, displayName }: NewPerson,
): Promise<Proven> {
  const userId = newId();
  const [added] = await query(
    `with added as (
       insert into account (id, email, created_at, email_verified_at) values ($1, $2, now(), now())
       on conflict (email) do nothing returning id
     )
     insert into external_identity (id, user_id, provider_id, issuer, subject, email, last_used_at)
     select $3, id, $4, $5, $6, $2, now() from added
     returning 1`,
    [userId, email, newId(), providerId, issuer, subject],
  );
  // Who came has proven to the provider that the address is theirs, so they may know that it has an account.
  if (added === undefined) {
    throw new AppError('CONFLICT', 'The address has an account: sign in, and link the identity to it', {
      details: { reason: 'ACCOUNT_EXISTS' },
    });
  }
  await appendToOutbox(query, [userSignedUp({ userId, email, displayName })]);
  const record = toAuditRecord(caller, { action: 'account.created', details: { provider: providerId } });
  await recordAudit(query, { ...record, actorKind: 'user', actorId: userId });
  return { userId, email, isEmailVerified: true, methods, providerId };
}
