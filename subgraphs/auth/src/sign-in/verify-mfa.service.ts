import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { sqlOf, type RunSql } from '@tessera/service/database';
import { parseInput } from '@tessera/service/errors';
import { unauthenticated } from '@tessera/service/identity';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { recordAudit } from '../audit/record-audit.js';
import { codeRefused, type CodeVerdict, type SecondFactorCheck } from '../second-factor/second-factor-check.js';
import type { OpenedSession, Proven } from '../sessions/open-session.js';
import { tryChallenge, useChallenge, type ChallengedSignIn } from './sign-in-challenge.js';
import { refusedSignIn, type SignedInPerson, type SignInCompletion } from './sign-in-completion.js';

const inputSchema = z.object({ challengeId: z.string().max(64), code: z.string().max(64) });

export interface VerifyMfaOptions {
  readonly openScope: () => DataScope;
  readonly secondFactor: SecondFactorCheck;
  readonly completion: SignInCompletion;
}

type Outcome = OpenedSession | Exclude<CodeVerdict, { kind: 'right' }> | undefined;

/** The second step of a sign-in. Its challenge is a row, so any instance finishes what another one began. */
export class VerifyMfaService {
  constructor(private readonly options: VerifyMfaOptions) {}

  /** @throws AppError `UNAUTHENTICATED` for a wrong code or a challenge that is over, `RATE_LIMITED` after many wrong codes */
  async verify(caller: AuditedCaller, input: unknown): Promise<SignedInPerson> {
    const { challengeId, code } = parseInput(inputSchema, input);
    const { openScope, completion } = this.options;
    // A refusal must not throw inside the transaction, for that would undo the counting of tries.
    const outcome = await openScope().write(async (entityManager): Promise<Outcome> => {
      const query = sqlOf(entityManager);
      const challenged = await tryChallenge(query, challengeId);
      return challenged && this.#check(query, caller, { ...challenged, challengeId, code });
    });
    if (outcome === undefined) throw unauthenticated('WRONG_CREDENTIALS', 'This sign-in is over: begin again');
    if ('kind' in outcome) throw codeRefused(outcome, 'UNAUTHENTICATED');
    return completion.admit(outcome, caller);
  }

  async #check(
    query: RunSql,
    caller: AuditedCaller,
    {
      userId,
      methods,
      providerId,
      challengeId,
      code,
    }: ChallengedSignIn & { readonly challengeId: string; readonly code: string },
  ): Promise<Outcome> {
    const verdict = await this.options.secondFactor.check(query, userId, code);
    if (verdict.kind !== 'right') {
      await recordAudit(query, toAuditRecord(caller, refusedSignIn(userId, 'mfa')));
      return verdict;
    }
    await useChallenge(query, challengeId);
    const [person] = await query<Pick<Proven, 'userId' | 'email' | 'isEmailVerified'>>(
      `select id as "userId", email, email_verified_at is not null as "isEmailVerified" from account where id = $1`,
      [userId],
    );
    const proven = { methods: [...methods, ...verdict.methods], providerId };
    return person && this.options.completion.open(query, caller, { ...person, ...proven });
  }
}
