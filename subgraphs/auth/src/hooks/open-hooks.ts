import { ConfigError } from '@tessera/service/config';
import type { Platform } from '@tessera/service/subgraph';
import { createWebhookSender } from '@tessera/service/webhooks';
import type { HookSettings } from './hook-fields.js';
import { Hooks } from './hooks.js';

/** Makes the hooks that are set. @throws ConfigError for hooks without a secret */
export function openHooks({ config, jobs, lifecycle, logger }: Platform<HookSettings>): Hooks {
  const { HOOK_SECRET: secret, WEBHOOKS_ALLOW_PRIVATE: allowPrivate } = config;
  const urls = [
    config.HOOK_BEFORE_SIGN_UP_URL,
    config.HOOK_BEFORE_SIGN_IN_URL,
    config.HOOK_AFTER_SIGN_UP_URL,
    config.HOOK_AFTER_SIGN_IN_URL,
  ];
  if (secret === undefined && urls.some((url) => url !== undefined)) {
    throw new ConfigError(['HOOK_SECRET: required where a hook is set']);
  }
  return new Hooks({ settings: config, sender: createWebhookSender({ allowPrivate, lifecycle }), jobs, logger });
}
