import type { Platform } from '@tessera/service/subgraph';
import { AccountImportService } from './account-import/account-import.service.js';
import { AccountService } from './accounts/account.service.js';
import { PlatformAdministrators } from './accounts/platform-administrators.js';
import { ActivationBatchService } from './activation-keys/activation-batch.service.js';
import { ActivationKeyService } from './activation-keys/activation-key.service.js';
import { ApiKeyService } from './api-keys/api-key.service.js';
import { AccountActivityService } from './audit/account-activity.service.js';
import { AuditService } from './audit/audit.service.js';
import type { AuthConfig } from './config.js';
import type { AuthContext } from './context.js';
import type { ChangeLinks } from './email-change/change-link.js';
import { EmailChangeService } from './email-change/email-change.service.js';
import { EmailSignInService } from './email-sign-in/email-sign-in.service.js';
import type { SignInSecrets } from './email-sign-in/sign-in-secrets.js';
import { AccountStatusService } from './deactivation/account-status.service.js';
import { createBreachedPasswords } from './defence/breached-passwords.js';
import { openCaptcha } from './defence/captcha.js';
import { PasswordPolicy } from './defence/password-policy.js';
import { SignInThrottle } from './defence/sign-in-throttle.js';
import { planAccountMails } from './emails/account-mails.js';
import { EmailVerificationService } from './emails/email-verification.service.js';
import type { MailTokens } from './emails/mail-token.js';
import type { KeyedHash } from './keys/keyed-hash.js';
import type { KeyRing } from './keys/key-ring.js';
import type { Seal } from './keys/seal.js';
import type { Hooks } from './hooks/hooks.js';
import { ImpersonationService } from './impersonation/impersonation.service.js';
import { MachineClientService } from './machine-clients/machine-client.service.js';
import { TokenService } from './machine-clients/token.service.js';
import { IdentityService } from './oidc/identity.service.js';
import { OidcClient } from './oidc/oidc-client.js';
import { OidcFlows } from './oidc/oidc-flow.js';
import { OidcSignInService } from './oidc/oidc-sign-in.service.js';
import { PasskeyAssertions } from './passkeys/passkey-assertions.js';
import { PasskeyDecoys } from './passkeys/passkey-decoys.js';
import { PasskeySignInService } from './passkeys/passkey-sign-in.service.js';
import { PasskeyService } from './passkeys/passkey.service.js';
import { relyingPartyOf } from './passkeys/relying-party.js';
import type { Decoys } from './passwords/decoys.js';
import type { PasswordHasher } from './passwords/password-hasher.js';
import { PasswordService } from './passwords/password.service.js';
import { RecoveryCodes } from './second-factor/recovery-codes.js';
import { SecondFactorCheck } from './second-factor/second-factor-check.js';
import { TotpService } from './second-factor/totp.service.js';
import { RefreshService } from './sessions/refresh.service.js';
import { SessionService } from './sessions/session.service.js';
import { SignInCompletion } from './sign-in/sign-in-completion.js';
import { VerifyMfaService } from './sign-in/verify-mfa.service.js';
import { StepUpService } from './step-up/step-up.service.js';
import { MembershipClient } from './tenants/membership-client.js';
import { SwitchTenantService } from './tenants/switch-tenant.service.js';
import { TokenIssuer } from './tokens/token-issuer.js';

/** What is shared with the mails' job. */
export interface ServiceParts {
  readonly hasher: PasswordHasher;
  readonly decoys: Decoys;
  readonly keyRing: KeyRing;
  readonly mailTokens: MailTokens;
  readonly seal: Seal;
  readonly storedHash: KeyedHash;
  readonly signInSecrets: SignInSecrets;
  readonly changeLinks: ChangeLinks;
  readonly hooks: Hooks;
}

/** Makes what the resolvers call. */
export async function createServices(
  { config, serviceScope, pubSub, jobs, logger }: Platform<AuthConfig>,
  { hasher, decoys, keyRing, mailTokens, seal, storedHash, signInSecrets, changeLinks, hooks }: ServiceParts,
): Promise<AuthContext['services']> {
  const administrators = new PlatformAdministrators({
    emails: config.SUPER_ADMIN_EMAILS,
    mustVerify: config.EMAIL_VERIFICATION !== 'off',
    mustShowMfa: config.SUPER_ADMIN_MFA,
  });
  const tokenIssuer = new TokenIssuer({ keyRing, administrators });
  const limits = {
    idleSeconds: config.SESSION_IDLE_MINUTES * 60,
    maxSeconds: config.SESSION_MAX_DAYS === 0 ? undefined : config.SESSION_MAX_DAYS * 24 * 60 * 60,
  };
  const openScope = serviceScope;
  const planMail = planAccountMails(jobs, openScope);
  const completion = new SignInCompletion({ tokenIssuer, limits, hooks, serviceScope, planMail });
  const recoveryCodes = new RecoveryCodes(storedHash);
  const secondFactor = new SecondFactorCheck(seal, recoveryCodes);
  const { BREACHED_PASSWORDS_URL: breachedUrl } = config;
  const policy = new PasswordPolicy({
    logger,
    isBreached: breachedUrl === undefined ? undefined : createBreachedPasswords({ url: breachedUrl }),
    mustKnow: config.BREACHED_PASSWORDS_UNKNOWN === 'refuse',
  });
  const throttle = new SignInThrottle({
    openScope,
    freeFailures: config.SIGN_IN_FREE_FAILURES,
    maxDelaySeconds: config.SIGN_IN_MAX_DELAY_SECONDS,
  });
  const oidcClient = new OidcClient(config.OIDC_PROVIDERS, logger);
  const oidc = { openScope, client: oidcClient, flows: new OidcFlows(seal) };
  const relyingParty = relyingPartyOf(config);
  const assertions = new PasskeyAssertions({ openScope, relyingParty });
  const mustVerify = config.EMAIL_VERIFICATION === 'everybody';
  const memberships = new MembershipClient({
    url: config.TENANT_SUBGRAPH_URL,
    principalSecret: config.PRINCIPAL_SECRET[0],
  });
  return {
    captcha: openCaptcha(config, logger),
    accounts: new AccountService({
      serviceScope,
      hasher,
      decoys,
      passwordPolicy: policy,
      throttle,
      completion,
      hooks,
      planMail,
      mustVerify,
      logger,
    }),
    passwords: new PasswordService({ openScope, hasher, policy, throttle, tokens: mailTokens, planMail, pubSub }),
    emailVerification: new EmailVerificationService({
      openScope,
      tokens: mailTokens,
      planMail,
      pubSub,
      administrators,
    }),
    emailSignIn: new EmailSignInService({ openScope, secrets: signInSecrets, completion, planMail, pubSub }),
    oidcClient,
    oidcSignIn: new OidcSignInService({ ...oidc, completion, hooks }),
    identities: new IdentityService({ ...oidc, planMail }),
    passkeys: new PasskeyService({ openScope, relyingParty, planMail }),
    passkeySignIn: new PasskeySignInService({
      openScope,
      relyingParty,
      assertions,
      completion,
      decoys: new PasskeyDecoys(storedHash),
    }),
    emailChange: new EmailChangeService({ openScope, links: changeLinks, planMail, pubSub }),
    mfa: new VerifyMfaService({ openScope, secondFactor, completion }),
    totp: new TotpService({ openScope, seal, recoveryCodes, planMail, pubSub, issuer: config.PLATFORM_NAME }),
    stepUp: new StepUpService({ openScope, hasher, throttle, secondFactor, assertions }),
    sessions: new SessionService({ serviceScope, pubSub }),
    refreshes: new RefreshService({ serviceScope, tokenIssuer, pubSub }),
    tenants: new SwitchTenantService({ serviceScope, memberships, tokenIssuer }),
    accountStatus: new AccountStatusService({ serviceScope, pubSub, administrators, planMail }),
    accountImports: new AccountImportService({ serviceScope, administrators }),
    impersonation: new ImpersonationService({ serviceScope, memberships, tokenIssuer, administrators, planMail }),
    audit: new AuditService({ serviceScope }),
    accountActivity: new AccountActivityService({ serviceScope }),
    activationBatches: new ActivationBatchService({
      serviceScope,
      hasPlan: (principal, plan) => memberships.hasPlan(principal, plan),
    }),
    activationKeys: new ActivationKeyService(serviceScope),
    machineClients: new MachineClientService({ serviceScope, pubSub }),
    machineTokens: new TokenService({ serviceScope, tokenIssuer }),
    apiKeys: new ApiKeyService({ serviceScope, pubSub }),
  };
}
