import type { DataScope } from '@tessera/service/tenancy';
import type { JobHandler, Jobs } from '@tessera/service/jobs';
import { isRefusedMail, mailRetryLimit, type Mailer } from '@tessera/service/mail';
import { z } from 'zod';
import { TenantEntity } from '../tenants/tenant.entity.js';
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
  readonly serviceScope: (tenantId: string) => DataScope;
}

/** Works on the planned mails. A mail may be sent twice where a worker dies after sending; it is never forgotten. */
export async function sendInvitationMails(jobs: Jobs, options: InvitationMailOptions): Promise<void> {
  const { mailer, secret, appUrl, serviceScope } = options;
  const send: JobHandler = async ({ payload }) => {
    const { tenantId, invitationId } = payloadSchema.parse(payload);
    const scope = serviceScope(tenantId);
    const found = await scope
      .read(async (entityManager) => ({
        invitation: await entityManager.findOne(InvitationEntity, { id: invitationId, revokedAt: null }),
        tenant: await entityManager.findOneOrFail(TenantEntity, { id: tenantId }),
      }))
      .finally(() => scope.close());
    if (found.invitation === null || found.invitation.acceptedAt !== null) return;
    if (found.invitation.expiresAt <= new Date()) return;
    const token = createInvitationToken(secret, invitationId);
    const link = new URL('/invitations/accept', appUrl);
    // In the fragment, so that it reaches no server's log.
    link.hash = new URLSearchParams({ token }).toString();
    await mailer.send({
      to: found.invitation.email,
      subject: `Join ${found.tenant.name.replaceAll(/\s+/g, ' ')} on Tessera`,
      text: [
        `You have been invited to join ${found.tenant.name}.`,
        `Open this link to accept, and sign in or sign up with this address (${found.invitation.email}):\n\n${link.href}`,
        `The invitation ends on ${found.invitation.expiresAt.toISOString().slice(0, 10)}.`,
        'If you did not expect it, you can ignore this mail.',
      ].join('\n\n'),
    });
  };
  await jobs.work(queue, send, { givesUpOn: isRefusedMail });
}
