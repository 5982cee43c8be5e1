import type { HttpServer } from '@tessera/service/http';
import type { Jobs } from '@tessera/service/jobs';
import { createWebhookSecret } from '@tessera/service/webhooks';
import type { TenantConfig } from '../config.js';
import { LocalPaymentProvider } from './local-provider.js';
import { addPaymentRoute } from './payment-route.js';
import { PaymentService, type PaymentServiceOptions } from './payment.service.js';

export interface OpenPayments {
  readonly payments: PaymentService;
  addRoutes(server: HttpServer): Promise<void>;
  registerJobs(): Promise<void>;
}

export interface OpenPaymentsOptions extends Omit<PaymentServiceOptions, 'provider'> {
  readonly config: TenantConfig;
  readonly jobs: Jobs;
}

/** Puts payments together with the provider that is set. */
export function openPayments({ config, jobs, ...options }: OpenPaymentsOptions): OpenPayments {
  // Without a secret nobody but this process itself can say that something was paid.
  const secrets = config.PAYMENT_WEBHOOK_SECRET ?? [createWebhookSecret()];
  const provider = config.PAYMENT_PROVIDER === 'local' ? new LocalPaymentProvider(jobs, secrets) : undefined;
  const payments = new PaymentService({ ...options, provider });
  let server: HttpServer | undefined;
  return {
    payments,
    async addRoutes(given) {
      if (provider === undefined) return;
      server = given;
      await addPaymentRoute(given, provider, payments);
    },
    async registerJobs() {
      if (server !== undefined) await provider?.work(server);
    },
  };
}
