import { booleanField, countField, portField, secretsField, subgraphFields, urlField } from '@tessera/service/config';
import { accessTokenAlgorithms } from '@tessera/service/identity';
import { z } from 'zod';
import { minAuditRetentionDays } from './audit/audit-retention.js';
import { emailSchema } from './accounts/email.js';
import { hookFields } from './hooks/hook-fields.js';
import { oidcProvidersField } from './oidc/oidc-providers-field.js';

/** Addresses separated by commas. */
const emailListField = z.string().transform((list, issues) => {
  const addresses = list.split(',').filter((address) => address.trim() !== '');
  const parsed = z.array(emailSchema).safeParse(addresses);
  if (parsed.success) return new Set(parsed.data);
  issues.addIssue({ code: 'custom', message: 'must be e-mail addresses separated by commas' });
  return z.NEVER;
});

/** Origins separated by commas. */
const originListField = z
  .string()
  .transform((list) => list.split(',').map((origin) => origin.trim()))
  .refine(
    (origins) => origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin),
    'must be origins (https://host) separated by commas',
  );

export const authConfigSchema = z.object({
  ...subgraphFields,
  PORT: portField.default(4001),
  /** The first encrypts signing keys and second factors in the database, any decrypts them. All instances need the same. */
  KEY_ENCRYPTION_SECRET: secretsField,
  /** Key management service that encrypts the private signing keys instead, and its bearer token. */
  KMS_URL: urlField.optional(),
  KMS_TOKEN: z.string().min(1).optional(),
  /** How old a signing key gets before another one takes over. */
  SIGNING_KEY_DAYS: z.coerce.number().int().min(1).max(3_650).default(30),
  /** What new signing keys are for. */
  SIGNING_ALGORITHM: z.enum(accessTokenAlgorithms).default('ES256'),
  /** How long a session lasts unused. Not shorter than an access token, which would outlive it. */
  SESSION_IDLE_MINUTES: z.coerce.number().int().min(30).max(525_600).default(10_080),
  /** How long a session lasts at all, however much it is used; 0: for ever. */
  SESSION_MAX_DAYS: countField.max(3_650).default(90),
  /** How long entries of the audit log are kept; 0: for ever. The database forgets none that is younger than the least. */
  AUDIT_RETENTION_DAYS: countField
    .max(36_500)
    .refine((days) => days === 0 || days >= minAuditRetentionDays, `must be 0, or ${minAuditRetentionDays} or more`)
    .default(0),
  ...hookFields,
  /** Failed sign-ins at one account that are free before strangers have to wait; 0: nobody waits. */
  SIGN_IN_FREE_FAILURES: countField.max(1_000).default(5),
  /** The longest that somebody waits after failed sign-ins. */
  SIGN_IN_MAX_DELAY_SECONDS: countField.min(1).max(86_400).default(900),
  /**
   * How long the hashing of a password takes: measured once, remembered by all instances, and never weaker than OWASP's
   * recommendation; 0: that.
   */
  PASSWORD_HASH_TARGET_MS: countField.max(2_000).default(100),
  /** Threads of the pool on which passwords are hashed; read by libuv itself. */
  UV_THREADPOOL_SIZE: z.coerce.number().int().min(1).max(1_024).default(4),
  /** Service that knows breached passwords by ranges of hashes, as `https://api.pwnedpasswords.com`. */
  BREACHED_PASSWORDS_URL: urlField.optional(),
  /** What becomes of a password where that service does not answer. */
  BREACHED_PASSWORDS_UNKNOWN: z.enum(['allow', 'refuse']).default('allow'),
  /** `siteverify` of Turnstile, hCaptcha or reCAPTCHA: asked before somebody unknown signs up or has a mail sent. */
  CAPTCHA_URL: urlField.optional(),
  CAPTCHA_SECRET: z.string().min(1).optional(),
  /** What becomes of whom that service has not judged. */
  CAPTCHA_UNANSWERED: z.enum(['allow', 'refuse']).default('refuse'),
  /** Where the tenant subgraph answers GraphQL; asked when a person switches tenants. */
  TENANT_SUBGRAPH_URL: urlField,
  /** How mails leave: `smtp://…`, `file:///folder` or `console:`. */
  MAIL_URL: z.string().min(1),
  MAIL_FROM: z.string().default('Tessera <no-reply@tessera.local>'),
  /** Where the front end lives; links in mails begin with it. */
  APP_URL: urlField.default('http://localhost:4000'),
  /** Whose address must be proven: nobody's, administrators' of the platform, or everybody's before the first sign-in. */
  EMAIL_VERIFICATION: z.enum(['off', 'administrators', 'everybody']).default('administrators'),
  /** The platform's name in authenticator apps and passkeys. */
  PLATFORM_NAME: z.string().min(1).max(64).default('Tessera'),
  /** The domain that passkeys belong to. Default the host of APP_URL; changing it makes all of them useless. */
  WEBAUTHN_RP_ID: z.string().min(1).optional(),
  /** Origins of pages that may ask for passkeys. Default that of APP_URL. */
  WEBAUTHN_ORIGINS: originListField.optional(),
  /** Identity providers that people may sign in with: a JSON list. */
  OIDC_PROVIDERS: oidcProvidersField.default([]),
  /** Whose tokens carry the role SUPER_ADMIN. */
  SUPER_ADMIN_EMAILS: emailListField.default(new Set()),
  /** Whether only sessions that have shown a second factor, or were opened with a passkey, do. */
  SUPER_ADMIN_MFA: booleanField.default(false),
});

export type AuthConfig = z.infer<typeof authConfigSchema>;
