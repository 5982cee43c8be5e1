import { countField, millisecondsField, urlField } from '@tessera/service/config';
import { namedRatesField, rateField } from '@tessera/service/rate-limit';
import { z } from 'zod';

/** What is counted one by one wherever it stands in an operation: who guesses passwords may use aliases. */
const sensitiveMutations =
  'signIn,signUp,refreshTokens,signOut,inviteMember,resendInvitation,acceptInvitation,declineInvitation,requestPasswordReset,resetPassword,changePassword,' +
  'activateKey,impersonate,' +
  'requestEmailVerification,verifyEmail,verifyMfa,reauthenticate,confirmTotp,' +
  'requestSignInCode,signInWithCode,signInWithLink,startOidcSignIn,completeOidcSignIn,startOidcLink,completeOidcLink,' +
  'startPasskeySignIn,completePasskeySignIn,startPasskeyRegistration,completePasskeyRegistration,' +
  'requestEmailChange,confirmEmailChange';

/** What brings somebody in, or back in. */
const strangersFields =
  'signUp,signIn,verifyMfa,refreshTokens,signOut,requestSignInCode,signInWithCode,signInWithLink,oidcProviders,startOidcSignIn,completeOidcSignIn,' +
  'startPasskeySignIn,completePasskeySignIn,requestPasswordReset,resetPassword,__typename';

/** What people do about themselves, in whatever tenant they are. */
const policyFreeFields =
  'me,accountActivity,impersonation,oidcProviders,identities,passkeys,mfaStatus,signUp,signIn,verifyMfa,refreshTokens,signOut,revokeSession,' +
  'requestSignInCode,signInWithCode,signInWithLink,startOidcSignIn,completeOidcSignIn,startOidcLink,completeOidcLink,' +
  'startPasskeySignIn,completePasskeySignIn,startPasskeyRegistration,completePasskeyRegistration,' +
  'enrollTotp,confirmTotp,regenerateRecoveryCodes,reauthenticate,requestEmailVerification,verifyEmail,' +
  'requestPasswordReset,resetPassword,changePassword,switchTenant,createTenant,resetSecurityPolicy,__typename';

/** Names of fields of the root, between commas or blanks. */
const rootFieldsField = (names: string) =>
  z
    .string()
    .default(names)
    .transform((text): ReadonlySet<string> => new Set(text.split(/[\s,]+/).filter((name) => name !== '')));

/** How much is done at once, and how long others wait for it. */
export const overloadFields = {
  /** Operations under way, whatever the load; 0: as many as come, and nobody waits or is sent away. */
  MAX_CONCURRENT_OPERATIONS: countField.default(2_000),
  /** The longest that an operation waits for its turn; who would wait longer is sent away at once. */
  MAX_QUEUE_MS: millisecondsField.default(2_000),
  /** Sockets that listen: so many connections are accepted in one turn of the event loop. */
  LISTEN_SOCKETS: z.coerce.number().int().min(1).max(64).default(1),
};

/** How often somebody may ask. What is not set comes from the defaults that `RATE_LIMITS` names. */
export const rateLimitFields = {
  /**
   * `production`, `local` (generous) or `none`. Default: production where this gateway authenticates (`JWKS_URL`), none where
   * it stands alone.
   */
  RATE_LIMITS: z.enum(['production', 'local', 'none']).optional(),
  /** Of callers without a token, by address; the same again for tokens that are not valid. */
  RATE_LIMIT_ANONYMOUS: rateField.optional(),
  /** Of each of `SENSITIVE_MUTATIONS`, by address, whoever calls. */
  RATE_LIMIT_SENSITIVE: rateField.optional(),
  SENSITIVE_MUTATIONS: z
    .string()
    .default(sensitiveMutations)
    .transform((text): ReadonlySet<string> => new Set(text.split(/[\s,]+/).filter((name) => name !== ''))),
  /** Of one person. */
  RATE_LIMIT_PERSON: rateField.optional(),
  /** Of one API key. */
  RATE_LIMIT_API_KEY: rateField.optional(),
  /** Of one tenant, by its plan; `*` is for plans that are not named. */
  RATE_LIMIT_PLANS: namedRatesField.optional(),
  /** As those above, in units of what operations cost. */
  RATE_LIMIT_ANONYMOUS_COST: rateField.optional(),
  RATE_LIMIT_PERSON_COST: rateField.optional(),
  RATE_LIMIT_API_KEY_COST: rateField.optional(),
  RATE_LIMIT_PLANS_COST: namedRatesField.optional(),
  /**
   * GraphQL endpoint of the subgraph that knows tenants' plans and switched-off services; without it every tenant has the plan
   * `*` and may use everything.
   */
  TENANT_PLANS_URL: urlField.optional(),
  /** How long a request waits for its answer. */
  TENANT_PLANS_TIMEOUT_MS: millisecondsField.default(2_000),
  /** Where analytics lists the tenants that have used up their plan's API calls; without it nobody is held to a quota here. */
  EXHAUSTED_QUOTAS_URL: urlField.optional(),
  /** Fields of the root that are answered to those as well: what it takes to see why, and to get a larger plan. */
  QUOTA_FREE_FIELDS: rootFieldsField('tenant,plans,checkout,payments,me,switchTenant,refreshTokens,signOut,__typename'),
  /**
   * The same for people whom the security policy of their tenant refuses: what it takes to comply with it, or to go elsewhere. They
   * are answered as if they were in no tenant.
   */
  POLICY_FREE_FIELDS: rootFieldsField(policyFreeFields),
  /**
   * Fields of the root that need nobody signed in. Operations that select no others are answered, as to anybody, to who sends a token
   * that has expired or is none: clients attach what they have to everything, also to what gets them another one.
   */
  STRANGERS_FIELDS: rootFieldsField(strangersFields),
};
