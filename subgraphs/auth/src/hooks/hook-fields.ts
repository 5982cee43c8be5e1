import { urlField } from '@tessera/service/config';
import { webhookFields, webhookSecretsField } from '@tessera/service/webhooks';
import { z } from 'zod';

/** Who is asked before, and told after, somebody signs up or in. */
export const hookFields = {
  ...webhookFields,
  HOOK_BEFORE_SIGN_UP_URL: urlField.optional(),
  HOOK_BEFORE_SIGN_IN_URL: urlField.optional(),
  HOOK_AFTER_SIGN_UP_URL: urlField.optional(),
  HOOK_AFTER_SIGN_IN_URL: urlField.optional(),
  /** Each signs what they are sent (Standard Webhooks); required where one is set. */
  HOOK_SECRET: webhookSecretsField.optional(),
  /** How long somebody who signs up or in waits for an answer. */
  HOOK_TIMEOUT_MS: z.coerce.number().int().min(100).max(10_000).default(3_000),
  /** What becomes of a sign-up or sign-in that nobody has answered. */
  HOOK_UNANSWERED: z.enum(['refuse', 'allow']).default('refuse'),
};

export type HookSettings = z.infer<z.ZodObject<typeof hookFields>>;
