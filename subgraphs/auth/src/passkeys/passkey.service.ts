import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { isId, newId, sqlOf } from '@tessera/service/database';
import { AppError, notFound, parseInput } from '@tessera/service/errors';
import { requireOneself, requireUser } from '@tessera/service/identity';
import type { JsonObject } from '@tessera/service/json';
import { plainTextSchema } from '@tessera/service/plain-text';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { findProvenAddress } from '../accounts/proven-address.js';
import { recordAudit } from '../audit/record-audit.js';
import type { PlanAccountMail } from '../emails/account-mails.js';
import { requireRecentAuthentication } from '../step-up/recent-authentication.js';
import { ceremonySeconds, startCeremony, takeCeremony, type StartedCeremony } from './passkey-ceremony.js';
import { PasskeyEntity } from './passkey.entity.js';
import { registrationResponseSchema } from './passkey-response.js';
import { userHandleOf, type RelyingParty } from './relying-party.js';

const maxPasskeys = 20;
const completeSchema = z.object({
  ceremonyId: z.string().max(64),
  name: plainTextSchema(100),
  response: registrationResponseSchema,
});

export interface PasskeyServiceOptions {
  readonly openScope: () => DataScope;
  readonly relyingParty: RelyingParty;
  readonly planMail: PlanAccountMail;
}

/** A question to an authenticator, and what the browser is to ask it. */
export interface PasskeyQuestion extends StartedCeremony {
  readonly options: JsonObject;
}

/** The passkeys of a person: adding, seeing and removing them. */
export class PasskeyService {
  constructor(private readonly options: PasskeyServiceOptions) {}

  async list({ principal, scope }: Caller): Promise<readonly PasskeyEntity[]> {
    const { userId } = requireUser(principal);
    return scope.read((entityManager) =>
      entityManager.find(PasskeyEntity, { userId }, { orderBy: { id: 'asc' }, limit: maxPasskeys }),
    );
  }

  /** @throws AppError `PRECONDITION_FAILED` without a recent proof, or with an address that is not proven */
  async startRegistration(caller: AuditedCaller): Promise<PasskeyQuestion> {
    const { userId } = requireOneself(caller.principal);
    // Loaded when the first passkey is made: it brings parsers of certificates along.
    const { generateRegistrationOptions } = await import('@simplewebauthn/server');
    const { openScope, relyingParty } = this.options;
    return openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      await requireRecentAuthentication(query, caller.principal);
      const email = await findProvenAddress(query, userId);
      const known = await entityManager.find(PasskeyEntity, { userId }, { limit: maxPasskeys });
      const options = await generateRegistrationOptions({
        rpName: relyingParty.name,
        rpID: relyingParty.id,
        userID: userHandleOf(userId),
        userName: email,
        userDisplayName: email,
        timeout: ceremonySeconds * 1_000,
        excludeCredentials: known.map(({ credentialId }) => ({ id: credentialId })),
        // Discoverable, so that nobody has to type who they are; verified, so that a stolen device is not enough.
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      });
      const started = await startCeremony(query, options.challenge, userId);
      return { ...started, options: JSON.parse(JSON.stringify(options)) as JsonObject };
    });
  }

  /** @throws AppError `BAD_USER_INPUT` for an answer that is over, to another question or from another page, `CONFLICT` */
  async completeRegistration(caller: AuditedCaller, input: unknown): Promise<PasskeyEntity> {
    const { userId } = requireOneself(caller.principal);
    const { ceremonyId, name, response } = parseInput(completeSchema, input);
    const { openScope, planMail } = this.options;
    const challenge = await openScope().write((entityManager) =>
      takeCeremony(sqlOf(entityManager), ceremonyId, userId),
    );
    if (challenge === undefined) throw new AppError('BAD_USER_INPUT', 'This registration is over: begin again');
    const { credential, isBackedUp } = await this.#verify(response, challenge);
    return openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      const address = await findProvenAddress(query, userId);
      const id = newId();
      const [added] = await query(
        `insert into passkey (id, user_id, name, credential_id, public_key, counter, transports, is_backed_up)
         select $1, $2, $3, $4, $5, $6, $7::text[], $8 where (select count(*) from passkey where user_id = $2) < $9
         on conflict (credential_id) do nothing returning 1`,
        [
          id,
          userId,
          name,
          credential.id,
          Buffer.from(credential.publicKey),
          credential.counter,
          response.response.transports,
          isBackedUp,
          maxPasskeys,
        ],
      );
      if (added === undefined) throw new AppError('CONFLICT', 'The passkey is known already, or there are too many');
      const note = { action: 'passkey.added', targetType: 'Passkey', targetId: id } as const;
      await recordAudit(query, toAuditRecord(caller, note));
      await planMail('passkey-added', address, query);
      return entityManager.findOneOrFail(PasskeyEntity, { id });
    });
  }

  /** @throws AppError `NOT_FOUND` for another's, `PRECONDITION_FAILED` without a recent proof */
  async remove(caller: AuditedCaller, id: string): Promise<void> {
    const { userId } = requireOneself(caller.principal);
    if (!isId(id)) throw notFound('Passkey');
    const { openScope, planMail } = this.options;
    await openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      await requireRecentAuthentication(query, caller.principal);
      const address = await findProvenAddress(query, userId);
      const [removed] = await query('delete from passkey where id = $1 and user_id = $2 returning 1', [id, userId]);
      if (removed === undefined) throw notFound('Passkey');
      const note = { action: 'passkey.removed', targetType: 'Passkey', targetId: id } as const;
      await recordAudit(query, toAuditRecord(caller, note));
      await planMail('passkey-removed', address, query);
    });
  }

  async #verify(response: z.infer<typeof registrationResponseSchema>, expectedChallenge: string) {
    const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
    const { id, origins } = this.options.relyingParty;
    const verified = await verifyRegistrationResponse({
      response,
      expectedChallenge,
      expectedOrigin: [...origins],
      expectedRPID: id,
      requireUserVerification: true,
    }).catch((error: unknown) => {
      throw new AppError('BAD_USER_INPUT', 'The authenticator’s answer is not valid', { cause: error });
    });
    if (!verified.verified) throw new AppError('BAD_USER_INPUT', 'The authenticator’s answer is not valid');
    const { credential, credentialBackedUp } = verified.registrationInfo;
    return { credential, isBackedUp: credentialBackedUp };
  }
}
