import { sqlOf, type RunSql } from '@tessera/service/database';
import type { Jobs } from '@tessera/service/jobs';
import type { DataScope } from '@tessera/service/tenancy';
import type { WebhookOutcome, WebhookSender } from '@tessera/service/webhooks';
import { z } from 'zod';
import { BillingDeliveryEntity } from './billing-delivery.entity.js';

const queue = 'billing-webhook';
/** Seconds at first, then every five minutes: a day. */
const retryLimit = 300;
const concurrency = 4;
const payloadSchema = z.object({ id: z.uuid(), tenantId: z.uuid() });

/** Plans a delivery in the transaction that writes it. */
export type EnqueueDelivery = (
  delivery: Pick<BillingDeliveryEntity, 'id' | 'tenantId'>,
  executor: RunSql,
) => Promise<void>;

export function enqueueDeliveries(jobs: Jobs): EnqueueDelivery {
  return async ({ id, tenantId }, executor) => {
    await jobs.send(queue, { id, tenantId }, { executor, singletonKey: id, retryLimit });
  };
}

export interface BillingWebhookOptions {
  readonly url: string;
  readonly secrets: readonly string[];
  readonly sender: WebhookSender;
  readonly serviceScope: (tenantId: string) => DataScope;
}

/** Works on deliveries. One may be sent twice, where a worker dies after sending; its id is the same then. */
export async function sendBillingWebhooks(jobs: Jobs, options: BillingWebhookOptions): Promise<void> {
  const { url, secrets, sender, serviceScope } = options;
  await jobs.work(
    queue,
    async ({ payload, retryCount, signal }) => {
      const { id, tenantId } = payloadSchema.parse(payload);
      const scope = serviceScope(tenantId);
      const delivery = await scope
        .read((entityManager) => entityManager.findOne(BillingDeliveryEntity, { id }))
        .finally(() => scope.close());
      if (delivery === null || delivery.status === 'DELIVERED') return;
      const outcome = await sender.send({ url, secrets, id, body: delivery.body, signal });
      await note(serviceScope(tenantId), id, outcome, retryCount >= retryLimit);
      // Also where the receiver says that it never will: somebody may be putting it right.
      if (outcome.kind !== 'delivered') throw new Error(`Billing was not told: ${outcome.reason}`);
    },
    { concurrency },
  );
}

async function note(scope: DataScope, id: string, outcome: WebhookOutcome, isLast: boolean): Promise<void> {
  const isDelivered = outcome.kind === 'delivered';
  const status = isDelivered ? 'DELIVERED' : isLast ? 'FAILED' : 'PENDING';
  const values = [id, status, outcome.status ?? null, isDelivered ? null : outcome.reason];
  await scope.write((entityManager) =>
    sqlOf(entityManager)(
      `update billing_delivery
       set status = $2, attempts = attempts + 1, last_status = $3, last_error = $4,
           delivered_at = case when $2 = 'DELIVERED' then now() end
       where id = $1 and status <> 'DELIVERED'`,
      values,
    ),
  );
}
