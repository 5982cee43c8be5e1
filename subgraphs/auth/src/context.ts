import type { SubgraphContext } from '@tessera/service/subgraph';
import type { AccountService } from './accounts/account.service.js';
import type { ActivationBatchService } from './activation-keys/activation-batch.service.js';
import type { ActivationKeyService } from './activation-keys/activation-key.service.js';
import type { ApiKeyService } from './api-keys/api-key.service.js';
import type { AuditService } from './audit/audit.service.js';
import type { createEmailLoader } from './accounts/email.loader.js';
import type { AccountStatusService } from './deactivation/account-status.service.js';
import type { EmailChangeService } from './email-change/email-change.service.js';
import type { EmailSignInService } from './email-sign-in/email-sign-in.service.js';
import type { EmailVerificationService } from './emails/email-verification.service.js';
import type { ImpersonationService } from './impersonation/impersonation.service.js';
import type { MachineClientService } from './machine-clients/machine-client.service.js';
import type { TokenService } from './machine-clients/token.service.js';
import type { IdentityService } from './oidc/identity.service.js';
import type { OidcClient } from './oidc/oidc-client.js';
import type { OidcSignInService } from './oidc/oidc-sign-in.service.js';
import type { PasskeySignInService } from './passkeys/passkey-sign-in.service.js';
import type { PasskeyService } from './passkeys/passkey.service.js';
import type { PasswordService } from './passwords/password.service.js';
import type { RefreshService } from './sessions/refresh.service.js';
import type { TotpService } from './second-factor/totp.service.js';
import type { SessionService } from './sessions/session.service.js';
import type { VerifyMfaService } from './sign-in/verify-mfa.service.js';
import type { StepUpService } from './step-up/step-up.service.js';
import type { SwitchTenantService } from './tenants/switch-tenant.service.js';

export interface AuthContext extends SubgraphContext {
  readonly services: {
    readonly accounts: AccountService;
    readonly accountStatus: AccountStatusService;
    readonly sessions: SessionService;
    readonly refreshes: RefreshService;
    readonly tenants: SwitchTenantService;
    readonly impersonation: ImpersonationService;
    readonly audit: AuditService;
    readonly apiKeys: ApiKeyService;
    readonly activationBatches: ActivationBatchService;
    readonly activationKeys: ActivationKeyService;
    readonly machineClients: MachineClientService;
    readonly machineTokens: TokenService;
    readonly passwords: PasswordService;
    readonly emailVerification: EmailVerificationService;
    readonly emailSignIn: EmailSignInService;
    readonly oidcClient: OidcClient;
    readonly oidcSignIn: OidcSignInService;
    readonly identities: IdentityService;
    readonly passkeys: PasskeyService;
    readonly passkeySignIn: PasskeySignInService;
    readonly emailChange: EmailChangeService;
    readonly mfa: VerifyMfaService;
    readonly totp: TotpService;
    readonly stepUp: StepUpService;
  };
  readonly loaders: {
    readonly emailByUser: ReturnType<typeof createEmailLoader>;
  };
}
