import { sqlOf } from '@tessera/service/database';
import type { JobHandler, Jobs } from '@tessera/service/jobs';
import { isRefusedMail, layOutMail, mailLanguageOf, mailRetryLimit, type Mailer } from '@tessera/service/mail';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import type { SettingService } from '../settings/setting.service.js';
import { TenantEntity } from '../tenants/tenant.entity.js';
import { invitationCopy } from './invitation-copy.js';
import { InvitationEntity } from './invitation.entity.js';
import type { EnqueueInvitationMail } from './invitation.service.js';
import { createInvitationToken } from './invitation-token.js';

const queue = 'invitation-mail';
const payloadSchema = z.object({ tenantId: z.uuid(), invitationId: z.uuid() });

/** Plans the mail inside the transaction that makes the invitation: neither exists without the other. */
export function enqueueInvitationMail(jobs: Jobs): EnqueueInvitationMail {
  return async ({ tenantId, invitationId }, executor) => {
    await jobs.send(queue, { tenantId, invitationId }, { executor, retryLimit: mailRetryLimit });
  };
}

export interface InvitationMailOptions {
  readonly mailer: Mailer;
  readonly secret: string;
  readonly appUrl: string;
  readonly platformName: string;
  readonly serviceScope: (tenantId: string) => DataScope;
  /** The tenant's mails are in the language of its region. */
  readonly settings: Pick<SettingService, 'valueFor'>;
}

const regionSchema = z.object({ locale: z.string() });

/** Works on the planned mails. A mail may be sent twice where a worker dies after sending; it is never forgotten. */
export async function sendInvitationMails(jobs: Jobs, options: InvitationMailOptions): Promise<void> {
  const { mailer, secret, appUrl, platformName, serviceScope, settings } = options;
  const send: JobHandler = async ({ payload }) => {
    const { tenantId, invitationId } = payloadSchema.parse(payload);
    const scope = serviceScope(tenantId);
    const { invitation, tenant, region } = await scope
      .read(async (entityManager) => ({
        invitation: await entityManager.findOne(InvitationEntity, { id: invitationId, revokedAt: null }),
        tenant: await entityManager.findOneOrFail(TenantEntity, { id: tenantId }),
        region: regionSchema.parse(await settings.valueFor(sqlOf(entityManager), tenantId, 'region')),
      }))
      .finally(() => scope.close());
    if (invitation === null || invitation.acceptedAt !== null || invitation.expiresAt <= new Date()) return;
    const link = new URL('/invitations/accept', appUrl);
    // In the fragment, so that it reaches no server's log.
    link.hash = new URLSearchParams({ token: createInvitationToken(secret, invitationId) }).toString();
    const { email, expiresAt } = invitation;
    const copy = invitationCopy[mailLanguageOf(region.locale)]({
      tenantName: tenant.name.replaceAll(/\s+/g, ' '),
      platformName,
      email,
      lastDay: expiresAt.toISOString().slice(0, 10),
      link: link.href,
    });
    await mailer.send({ to: email, ...layOutMail(copy) });
  };
  await jobs.work(queue, send, { givesUpOn: isRefusedMail });
}
