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
import { authMigrations } from './migrations/all.js';
import { IdentityEntity } from './oidc/identity.entity.js';
import { planNotificationMails, sendNotificationMails } from './notifications/notification-mails.js';
import { OidcResolver } from './oidc/oidc.resolver.js';
import { PasskeyEntity } from './passkeys/passkey.entity.js';
import { PasskeyResolver } from './passkeys/passkey.resolver.js';
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
  migrations: authMigrations,
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
