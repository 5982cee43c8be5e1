import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { isId, newId, sqlOf } from '@tessera/service/database';
import { AppError, notFound } from '@tessera/service/errors';
import { requireOneself, requireUser } from '@tessera/service/identity';
import type { Caller } from '@tessera/service/tenancy';
import { findProvenAddress } from '../accounts/proven-address.js';
import { recordAudit } from '../audit/record-audit.js';
import type { PlanAccountMail } from '../emails/account-mails.js';
import { requireRecentAuthentication } from '../step-up/recent-authentication.js';
import { comeBack, parseStart, type ComeBackOptions, type OidcStart } from './come-back.js';
import { IdentityEntity } from './identity.entity.js';
import { createFlowSecrets } from './oidc-flow.js';

const maxIdentities = 20;

export interface IdentityServiceOptions extends ComeBackOptions {
  readonly planMail: PlanAccountMail;
}

/** The identities at providers that a person's account is linked to. */
export class IdentityService {
  constructor(private readonly options: IdentityServiceOptions) {}

  async list({ principal, scope }: Caller): Promise<readonly IdentityEntity[]> {
    const { userId } = requireUser(principal);
    return scope.read((entityManager) =>
      entityManager.find(IdentityEntity, { userId }, { orderBy: { id: 'asc' }, limit: maxIdentities }),
    );
  }

  /** @throws AppError `PRECONDITION_FAILED` without a recent proof, or with an address that is not proven */
  async startLink(caller: AuditedCaller, input: unknown): Promise<OidcStart> {
    const { userId } = requireOneself(caller.principal);
    const { providerId, redirectUri } = parseStart(input);
    const { client, flows, openScope } = this.options;
    client.assertRedirect(providerId, redirectUri);
    const secrets = createFlowSecrets();
    const authorizationUrl = await client.authorizationUrl(providerId, redirectUri, secrets);
    const flow = await openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      await requireRecentAuthentication(query, caller.principal);
      await findProvenAddress(query, userId);
      return flows.start(query, { providerId, redirectUri, userId }, secrets);
    });
    return { ...flow, authorizationUrl };
  }

  /** Doing it again changes nothing. @throws AppError `CONFLICT` for an identity of another account, or the twenty-first */
  async completeLink(caller: AuditedCaller, input: unknown): Promise<void> {
    const { userId } = requireOneself(caller.principal);
    const { issuer, subject, providerId, email } = await comeBack(this.options, input, userId);
    await this.options.openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      const address = await findProvenAddress(query, userId);
      const [added] = await query<{ readonly id: string }>(
        `insert into external_identity (id, user_id, provider_id, issuer, subject, email)
         select $1, $2, $3, $4, $5, $6
         where (select count(*) from external_identity where user_id = $2) < $7
         on conflict (issuer, subject) do nothing returning id`,
        [newId(), userId, providerId, issuer, subject, email ?? null, maxIdentities],
      );
      if (added === undefined) {
        const [own] = await query(
          'select 1 from external_identity where issuer = $1 and subject = $2 and user_id = $3',
          [issuer, subject, userId],
        );
        if (own !== undefined) return;
        throw new AppError('CONFLICT', 'The identity belongs to another account, or there are too many');
      }
      const note = { action: 'identity.linked', targetType: 'Identity', targetId: added.id } as const;
      await recordAudit(query, toAuditRecord(caller, { ...note, details: { provider: providerId } }));
      await this.options.planMail('identity-linked', address, query);
    });
  }

  /** @throws AppError `NOT_FOUND` for another's, `PRECONDITION_FAILED` without a recent proof */
  async unlink(caller: AuditedCaller, id: string): Promise<void> {
    const { userId } = requireOneself(caller.principal);
    if (!isId(id)) throw notFound('Identity');
    await this.options.openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      await requireRecentAuthentication(query, caller.principal);
      // The mailbox stays a way in, so nobody locks themselves out.
      const address = await findProvenAddress(query, userId);
      const [removed] = await query('delete from external_identity where id = $1 and user_id = $2 returning 1', [
        id,
        userId,
      ]);
      if (removed === undefined) throw notFound('Identity');
      const note = { action: 'identity.unlinked', targetType: 'Identity', targetId: id } as const;
      await recordAudit(query, toAuditRecord(caller, note));
      await this.options.planMail('identity-unlinked', address, query);
    });
  }
}
