import { booleanField, countField, portField, secretsField, subgraphFields, urlField } from '@tessera/service/config';
import { webhookFields, webhookSecretsField } from '@tessera/service/webhooks';
import { z } from 'zod';

export const tenantConfigSchema = z.object({
  ...subgraphFields,
  ...webhookFields,
  PORT: portField.default(4002),
  /** JSON file with the plans that tenants can have, the one that they begin with first. Without it: free, pro, enterprise. */
  PLANS_PATH: z.string().min(1).optional(),
  /** Who takes payments: nobody, or `local`, which takes no money and always succeeds. */
  PAYMENT_PROVIDER: z.enum(['none', 'local']).default('none'),
  /** Signs what the provider says (`whsec_…`). Without it nobody but the local provider, in this process, is believed. */
  PAYMENT_WEBHOOK_SECRET: webhookSecretsField.optional(),
  /** Who is told what tenants use and which plan they have; nobody, without it. */
  BILLING_WEBHOOK_URL: urlField.optional(),
  /** Signs that (`whsec_…`). */
  BILLING_WEBHOOK_SECRET: webhookSecretsField.optional(),
  /** Name servers that prove e-mail domains, `address:port`, parted by commas. Without any, those of the machine. */
  DNS_SERVERS: z
    .string()
    .default('')
    .transform((text): readonly string[] => text.split(/[\s,]+/).filter((server) => server !== '')),
  /** How long a slug that a tenant no longer goes by still leads to it, and is nobody else's. */
  SLUG_TERM_DAYS: countField.default(90),
  /** How many tenants one person administers at most; 0: any number. */
  MAX_TENANTS_PER_PERSON: countField.default(100),
  /** How long an erasure can be cancelled after it was asked for. */
  ERASURE_GRACE_HOURS: countField.max(24 * 90).default(7 * 24),
  /** Who has to report before an erasure is complete: all subgraphs that keep anything, those of other makers too. */
  ERASURE_SUBGRAPHS: z
    .string()
    .default('auth,tenant,user,storage,analytics')
    .transform((text): readonly string[] => text.split(/[\s,]+/).filter((name) => name !== '')),
  /** The services that can be switched off for a tenant, by their subgraphs' names: those of other makers join here. */
  SWITCHABLE_SERVICES: z
    .string()
    .default('user,storage,analytics')
    .transform((text): readonly string[] => text.split(/[\s,]+/).filter((name) => name !== '')),
  /** The first signs the tokens in invitation links, any verifies them. */
  INVITATION_SECRET: secretsField,
  /** Where the auth subgraph answers GraphQL; asked for the address of who accepts an invitation. */
  AUTH_SUBGRAPH_URL: urlField.optional(),
  /** Whether an invited address must have been proven before; not where nobody is ever asked to prove one. */
  INVITATIONS_NEED_VERIFIED_EMAIL: booleanField.default(true),
  /** How invitation mails leave: `smtp://…`, `file:///folder` or `console:`. */
  MAIL_URL: z.string().min(1),
  MAIL_FROM: z.string().default('Tessera <no-reply@tessera.local>'),
  /** The platform's name, in invitation mails. */
  PLATFORM_NAME: z.string().min(1).max(64).default('Tessera'),
  /** Where the front end lives; links in mails begin with it. */
  APP_URL: urlField.default('http://localhost:4000'),
});

export type TenantConfig = z.infer<typeof tenantConfigSchema>;
