import 'reflect-metadata';
import type { Principal } from '@tessera/service/identity';
import { createMailer } from '@tessera/service/mail';
import { defineSubgraph, dispatchEvents } from '@tessera/service/subgraph';
import { DataScope } from '@tessera/service/tenancy';
import { AccountImportResolver } from './account-import/account-import.resolver.js';
import { AccountEntity } from './accounts/account.entity.js';
import { createEmailLoader } from './accounts/email.loader.js';
import { SignInResolver } from './accounts/sign-in.resolver.js';
import { UserResolver } from './accounts/user.resolver.js';
import { toUserType } from './accounts/user.type.js';
import { ActivationBatchEntity } from './activation-keys/activation-batch.entity.js';
import { ActivationKeyResolver } from './activation-keys/activation-key.resolver.js';
import { ApiKeyEntity } from './api-keys/api-key.entity.js';
import { addApiKeyRoute } from './api-keys/api-key-route.js';
import { ApiKeyResolver } from './api-keys/api-key.resolver.js';
import { AuditEntryEntity } from './audit/audit-entry.entity.js';
import { addAuditExportRoute } from './audit/audit-export-route.js';
import { auditEventHandler } from './audit/audit-event-handler.js';
import { AuditResolver } from './audit/audit.resolver.js';
import { shortenAuditLog } from './audit/shorten-audit-log.js';
import { authConfigSchema } from './config.js';
import type { AuthContext } from './context.js';
import { AccountStatusResolver } from './deactivation/account-status.resolver.js';
import { ChangeLinks } from './email-change/change-link.js';
import { EmailChangeResolver } from './email-change/email-change.resolver.js';
import { EmailSignInResolver } from './email-sign-in/email-sign-in.resolver.js';
import { SignInSecrets } from './email-sign-in/sign-in-secrets.js';
import { forgetFailures } from './defence/forget-failures.js';
import { sendAccountMails } from './emails/account-mails.js';
import { EmailVerificationResolver } from './emails/email-verification.resolver.js';
import { createMailSources } from './emails/mail-sources.js';
import { MailTokens } from './emails/mail-token.js';
import { localeEventHandler } from './events/locale-events.js';
import { createMemberEventHandler } from './events/member-events.js';
import { createMemberRightsHandler } from './events/member-rights-events.js';
import { createRoleEventHandler } from './events/role-events.js';
import { createTenantEventHandler } from './events/tenant-events.js';
import { openHooks } from './hooks/open-hooks.js';
import { tellHooks } from './hooks/tell-hooks.js';
import { createKeyedHashes } from './keys/keyed-hash.js';
import { ImpersonationResolver } from './impersonation/impersonation.resolver.js';
import { KeyRing } from './keys/key-ring.js';
import { addKeySetRoute } from './keys/key-set-route.js';
import { createKeyManagementVault } from './keys/key-vault.js';
import { rotateSigningKeys } from './keys/rotate-signing-keys.js';
import { renewSeals } from './keys/renew-seals.js';
import { createSeal } from './keys/seal.js';
import { SigningKeyEntity } from './keys/signing-key.entity.js';
import { openStoredHash } from './keys/stored-hash.js';
import { MachineClientEntity } from './machine-clients/machine-client.entity.js';
import { MachineClientResolver } from './machine-clients/machine-client.resolver.js';
import { addTokenRoute } from './machine-clients/token-route.js';
import { Migration0001Accounts } from './migrations/0001-accounts.js';
import { Migration0002EndedSessions } from './migrations/0002-ended-sessions.js';
import { Migration0003AuditLog } from './migrations/0003-audit-log.js';
import { Migration0004Rights } from './migrations/0004-rights.js';
import { Migration0005TenantStatus } from './migrations/0005-tenant-status.js';
import { Migration0006ApiKeys } from './migrations/0006-api-keys.js';
import { Migration0007VerifiedEmails } from './migrations/0007-verified-emails.js';
import { Migration0008SecondFactors } from './migrations/0008-second-factors.js';
import { Migration0009MachineClients } from './migrations/0009-machine-clients.js';
import { Migration0010EmailSignIns } from './migrations/0010-email-sign-ins.js';
import { Migration0011Identities } from './migrations/0011-identities.js';
import { Migration0012Passkeys } from './migrations/0012-passkeys.js';
import { Migration0013EmailChanges } from './migrations/0013-email-changes.js';
import { IdentityEntity } from './oidc/identity.entity.js';
import { planNotificationMails, sendNotificationMails } from './notifications/notification-mails.js';
import { OidcResolver } from './oidc/oidc.resolver.js';
import { PasskeyEntity } from './passkeys/passkey.entity.js';
import { PasskeyResolver } from './passkeys/passkey.resolver.js';
import { Migration0014ActivationKeys } from './migrations/0014-activation-keys.js';
import { Migration0015SessionLimits } from './migrations/0015-session-limits.js';
import { Migration0016SignInFailures } from './migrations/0016-sign-in-failures.js';
import { Migration0017Impersonation } from './migrations/0017-impersonation.js';
import { Migration0018AuditRetention } from './migrations/0018-audit-retention.js';
import { Migration0019Subjects } from './migrations/0019-subjects.js';
import { Migration0020PasswordStrength } from './migrations/0020-password-strength.js';
import { Migration0021DeactivatedMembers } from './migrations/0021-deactivated-members.js';
import { Migration0022PlacesAndDevices } from './migrations/0022-places-and-devices.js';
import { Migration0023DeactivatedAccounts } from './migrations/0023-deactivated-accounts.js';
import { Migration0024RecentWrites } from './migrations/0024-recent-writes.js';
import { Migration0025SecurityPolicies } from './migrations/0025-security-policies.js';
import { Migration0026SignInCounts } from './migrations/0026-sign-in-counts.js';
import { Migration0027MemberRights } from './migrations/0027-member-rights.js';
import { Migration0028AccountActivity } from './migrations/0028-account-activity.js';
import { Migration0029HashKey } from './migrations/0029-hash-key.js';
import { agreeOnStrength } from './passwords/agree-on-strength.js';
import { collectRarely } from './passwords/collect-rarely.js';
import { createHashQueue } from './passwords/create-hash-queue.js';
import { Decoys, keepDecoys } from './passwords/decoys.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { PasswordEntity } from './passwords/password.entity.js';
import { PasswordResolver } from './passwords/password.resolver.js';
import { authData } from './personal-data.js';
import { createServices } from './services.js';
import { policyEventHandler } from './security-policies/policy-events.js';
import { addSessionProofRoute } from './security-policies/session-proof-route.js';
import { TotpResolver } from './second-factor/totp.resolver.js';
import { endSessionsBeforeErasure } from './sessions/end-before-erasure.js';
import { addEndedSessionsRoute } from './sessions/ended-sessions-route.js';
import { forgetOldSessions } from './sessions/forget-sessions.js';
import { SessionEntity } from './sessions/session.entity.js';
import { SessionResolver } from './sessions/session.resolver.js';
import { forgetSignIns } from './sign-in/forget-sign-ins.js';
import { VerifyMfaResolver } from './sign-in/verify-mfa.resolver.js';
import { addRecentAuthenticationRoute } from './step-up/recent-authentication-route.js';
import { StepUpResolver } from './step-up/step-up.resolver.js';

export const authSubgraph = defineSubgraph({
  name: 'auth',
  personalData: authData,
  configSchema: authConfigSchema,
  entities: [
    AccountEntity,
    ActivationBatchEntity,
    ApiKeyEntity,
    AuditEntryEntity,
    IdentityEntity,
    MachineClientEntity,
    PasskeyEntity,
    PasswordEntity,
    SessionEntity,
    SigningKeyEntity,
  ],
  migrations: [
    { name: '0001-accounts', class: Migration0001Accounts },
    { name: '0002-ended-sessions', class: Migration0002EndedSessions },
    { name: '0003-audit-log', class: Migration0003AuditLog },
    { name: '0004-rights', class: Migration0004Rights },
    { name: '0005-tenant-status', class: Migration0005TenantStatus },
    { name: '0006-api-keys', class: Migration0006ApiKeys },
    { name: '0007-verified-emails', class: Migration0007VerifiedEmails },
    { name: '0008-second-factors', class: Migration0008SecondFactors },
    { name: '0009-machine-clients', class: Migration0009MachineClients },
    { name: '0010-email-sign-ins', class: Migration0010EmailSignIns },
    { name: '0011-identities', class: Migration0011Identities },
    { name: '0012-passkeys', class: Migration0012Passkeys },
    { name: '0013-email-changes', class: Migration0013EmailChanges },
    { name: '0014-activation-keys', class: Migration0014ActivationKeys },
    { name: '0015-session-limits', class: Migration0015SessionLimits },
    { name: '0016-sign-in-failures', class: Migration0016SignInFailures },
    { name: '0017-impersonation', class: Migration0017Impersonation },
    { name: '0018-audit-retention', class: Migration0018AuditRetention },
    { name: '0019-subjects', class: Migration0019Subjects },
    { name: '0020-password-strength', class: Migration0020PasswordStrength },
    { name: '0021-deactivated-members', class: Migration0021DeactivatedMembers },
    { name: '0022-places-and-devices', class: Migration0022PlacesAndDevices },
    { name: '0023-deactivated-accounts', class: Migration0023DeactivatedAccounts },
    { name: '0024-recent-writes', class: Migration0024RecentWrites },
    { name: '0025-security-policies', class: Migration0025SecurityPolicies },
    { name: '0026-sign-in-counts', class: Migration0026SignInCounts },
    { name: '0027-member-rights', class: Migration0027MemberRights },
    { name: '0028-account-activity', class: Migration0028AccountActivity },
    { name: '0029-hash-key', class: Migration0029HashKey },
  ],
  resolvers: [
    UserResolver,
    SignInResolver,
    SessionResolver,
    ImpersonationResolver,
    AccountStatusResolver,
    AccountImportResolver,
    AuditResolver,
    ApiKeyResolver,
    MachineClientResolver,
    ActivationKeyResolver,
    PasswordResolver,
    EmailVerificationResolver,
    VerifyMfaResolver,
    TotpResolver,
    StepUpResolver,
    EmailSignInResolver,
    OidcResolver,
    PasskeyResolver,
    EmailChangeResolver,
  ],
  references: {
    User: async ({ id }, _context: AuthContext) => toUserType(String(id)),
  },
  assemble: async (platform) => {
    const { config, serviceScope, lifecycle, logger, pubSub, jobs } = platform;
    const { KEY_ENCRYPTION_SECRET: secrets, KMS_URL: kmsUrl, KMS_TOKEN: token } = config;
    const seal = createSeal(secrets);
    const vault = kmsUrl === undefined ? seal : createKeyManagementVault({ url: kmsUrl, token }, seal);
    const keyRing = new KeyRing({ serviceScope, vault, logger, algorithm: config.SIGNING_ALGORITHM });
    const mailTokens = new MailTokens(seal);
    const keyedHashes = createKeyedHashes(secrets);
    const signInSecrets = new SignInSecrets(keyedHashes);
    const changeLinks = new ChangeLinks(keyedHashes);
    const storedHash = await openStoredHash({ openScope: serviceScope, seal, secrets });
    const mailer = createMailer({ url: config.MAIL_URL, from: config.MAIL_FROM, logger, lifecycle });
    const hooks = openHooks(platform);
    const hasher = await PasswordHasher.create(createHashQueue(platform));
    const decoys = new Decoys(storedHash);
    const services = await createServices(platform, {
      hasher,
      decoys,
      keyRing,
      mailTokens,
      seal,
      storedHash,
      signInSecrets,
      changeLinks,
      hooks,
    });
    return {
      createContext: (base) => ({ ...base, services, loaders: { emailByUser: createEmailLoader(base) } }),
      events: dispatchEvents([
        createMemberEventHandler(pubSub),
        createMemberRightsHandler(pubSub),
        createRoleEventHandler(pubSub),
        createTenantEventHandler(pubSub),
        policyEventHandler,
        auditEventHandler,
        localeEventHandler,
        planNotificationMails(jobs),
      ]),
      addRoutes: async (server) => {
        addKeySetRoute(server, keyRing);
        addEndedSessionsRoute(server, services.sessions, config.PRINCIPAL_SECRET);
        addRecentAuthenticationRoute(server, serviceScope, config.PRINCIPAL_SECRET);
        addSessionProofRoute(server, serviceScope, config.PRINCIPAL_SECRET);
        addApiKeyRoute(server, serviceScope, config.PRINCIPAL_SECRET);
        const openScope = (principal: Principal) => new DataScope(platform.orm, principal);
        const { audit } = services;
        await addAuditExportRoute(server, { audit, openScope, principalSecrets: config.PRINCIPAL_SECRET });
        await addTokenRoute(server, services.machineTokens, config.PRINCIPAL_SECRET);
      },
      beforeErasure: endSessionsBeforeErasure({ openScope: serviceScope, pubSub, jobs }),
      registerJobs: async () => {
        const openScope = serviceScope;
        const sourceOf = createMailSources({ config, openScope, mailTokens, signInSecrets, changeLinks });
        await sendAccountMails(jobs, { mailer, sourceOf });
        await sendNotificationMails(jobs, { mailer, openScope, appUrl: config.APP_URL });
        await tellHooks(jobs, { hooks, openScope, logger });
        await forgetSignIns(jobs, serviceScope);
        await shortenAuditLog(jobs, { openScope, logger, keptDays: config.AUDIT_RETENTION_DAYS });
        await forgetFailures(jobs, serviceScope);
        await rotateSigningKeys(jobs, { keyRing, maxAgeDays: config.SIGNING_KEY_DAYS, logger });
        await renewSeals(jobs, { openScope, seal, isRotating: secrets.length > 1, logger });
        await forgetOldSessions(jobs, { openScope: serviceScope, logger });
      },
      start: async () => {
        collectRarely();
        await keyRing.start(lifecycle);
        const targetMs = config.PASSWORD_HASH_TARGET_MS;
        await hasher.use(await agreeOnStrength({ openScope: serviceScope, logger, targetMs }));
        await keepDecoys(decoys, { openScope: serviceScope, lifecycle, logger });
      },
    };
  },
});
