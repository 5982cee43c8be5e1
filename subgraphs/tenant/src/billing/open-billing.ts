import { ConfigError } from '@tessera/service/config';
import type { Jobs } from '@tessera/service/jobs';
import type { Lifecycle } from '@tessera/service/lifecycle';
import type { EventHandler } from '@tessera/service/subgraph';
import type { DataScope } from '@tessera/service/tenancy';
import { createWebhookSender } from '@tessera/service/webhooks';
import type { TenantConfig } from '../config.js';
import { tellBilling } from './billing-events.js';
import { enqueueDeliveries, sendBillingWebhooks } from './billing-webhook.js';
import { requestUsage } from './request-usage.js';

export interface OpenBillingOptions {
  readonly config: TenantConfig;
  readonly jobs: Jobs;
  readonly lifecycle: Lifecycle;
  readonly serviceScope: (tenantId?: string) => DataScope;
}

export interface OpenBilling {
  /** None where nobody wants to be told. */
  readonly events: readonly EventHandler[];
  registerJobs(): Promise<void>;
}

/**
 * Puts together what tells billing, where its address is set.
 *
 * @throws ConfigError for an address without a secret
 */
export function openBilling({ config, jobs, lifecycle, serviceScope }: OpenBillingOptions): OpenBilling {
  const { BILLING_WEBHOOK_URL: url, BILLING_WEBHOOK_SECRET: secrets, WEBHOOKS_ALLOW_PRIVATE: allowPrivate } = config;
  if (url === undefined) return { events: [], registerJobs: async () => undefined };
  if (secrets === undefined) throw new ConfigError(['BILLING_WEBHOOK_SECRET: required with BILLING_WEBHOOK_URL']);
  const sender = createWebhookSender({ allowPrivate, lifecycle });
  return {
    events: [tellBilling(enqueueDeliveries(jobs))],
    async registerJobs() {
      await sendBillingWebhooks(jobs, { url, secrets, sender, serviceScope });
      await requestUsage(jobs, () => serviceScope());
    },
  };
}
