import type { Platform } from '@tessera/service/subgraph';
import { AccountService } from './accounts/account.service.js';
import { ApiKeyService } from './api-keys/api-key.service.js';
import { AuditService } from './audit/audit.service.js';
import type { AuthConfig } from './config.js';
import type { AuthContext } from './context.js';
import { planAccountMails } from './emails/account-mails.js';
import { EmailVerificationService } from './emails/email-verification.service.js';
import type { MailTokens } from './emails/mail-token.js';
import type { KeyRing } from './keys/key-ring.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { PasswordService } from './passwords/password.service.js';
import { RefreshService } from './sessions/refresh.service.js';
import { SessionService } from './sessions/session.service.js';
import { MembershipClient } from './tenants/membership-client.js';
import { SwitchTenantService } from './tenants/switch-tenant.service.js';
import { TokenIssuer } from './tokens/token-issuer.js';

/** Makes what the resolvers call. */
export async function createServices(
  { config, serviceScope, pubSub, jobs }: Platform<AuthConfig>,
  { keyRing, mailTokens }: { readonly keyRing: KeyRing; readonly mailTokens: MailTokens },
): Promise<AuthContext['services']> {
  const hasher = await PasswordHasher.create();
  const tokenIssuer = new TokenIssuer({
    keyRing,
    superAdminEmails: config.SUPER_ADMIN_EMAILS,
    mustVerifyAdministrators: config.EMAIL_VERIFICATION !== 'off',
  });
  const planMail = planAccountMails(jobs);
  const mustVerify = config.EMAIL_VERIFICATION === 'everybody';
  const memberships = new MembershipClient({
    url: config.TENANT_SUBGRAPH_URL,
    principalSecret: config.PRINCIPAL_SECRET,
  });
  return {
    accounts: new AccountService({ serviceScope, hasher, tokenIssuer, planMail, mustVerify }),
    passwords: new PasswordService({ openScope: serviceScope, hasher, tokens: mailTokens, planMail, pubSub }),
    emailVerification: new EmailVerificationService({ openScope: serviceScope, tokens: mailTokens, planMail }),
    sessions: new SessionService({ serviceScope, pubSub }),
    refreshes: new RefreshService({ serviceScope, tokenIssuer, pubSub }),
    tenants: new SwitchTenantService({ serviceScope, memberships, tokenIssuer }),
    audit: new AuditService({ serviceScope }),
    apiKeys: new ApiKeyService(pubSub),
  };
}
