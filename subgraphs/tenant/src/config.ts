import { portField, secretField, subgraphFields, urlField } from '@tessera/service/config';
import { z } from 'zod';

export const tenantConfigSchema = z.object({
  ...subgraphFields,
  PORT: portField.default(4002),
  /** Signs the tokens in invitation links. */
  INVITATION_SECRET: secretField,
  /** How invitation mails leave: `smtp://…`, `file:///folder` or `console:`. */
  MAIL_URL: z.string().min(1),
  MAIL_FROM: z.string().default('Tessera <no-reply@tessera.local>'),
  /** Where the front end lives; links in mails begin with it. */
  APP_URL: urlField.default('http://localhost:4000'),
});

export type TenantConfig = z.infer<typeof tenantConfigSchema>;
