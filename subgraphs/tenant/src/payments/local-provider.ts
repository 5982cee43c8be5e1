import { newId } from '@tessera/service/database';
import { parseInput } from '@tessera/service/errors';
import type { HttpServer } from '@tessera/service/http';
import type { Jobs } from '@tessera/service/jobs';
import { signWebhook, verifyWebhook } from '@tessera/service/webhooks';
import { z } from 'zod';
import type { PaymentNotice, PaymentProvider, PaymentRequest } from './payment-provider.js';
import { paymentWebhookPath } from './payment-route.js';

const queue = 'local-payment';

const noticeSchema = z.object({
  paymentId: z.uuid(),
  status: z.enum(['SUCCEEDED', 'FAILED']),
  amount: z.number().int().positive(),
  currency: z.string(),
});

const requestSchema = z.object({ paymentId: z.uuid(), amount: z.number(), currency: z.string() });

/** Always succeeds, without anybody's money: for development and tests. It calls back as a real one does, signed. */
export class LocalPaymentProvider implements PaymentProvider {
  readonly name = 'local';

  constructor(
    private readonly jobs: Jobs,
    /** `whsec_…` each. */
    private readonly secrets: readonly string[],
    private readonly now: () => number = Date.now,
  ) {}

  async start({ paymentId, amount, currency }: PaymentRequest): Promise<null> {
    await this.jobs.send(queue, { paymentId, amount, currency }, { singletonKey: paymentId });
    return null;
  }

  readNotice(headers: Readonly<Record<string, unknown>>, body: string): PaymentNotice {
    verifyWebhook(this.secrets, headers, body, this.now());
    return parseInput(noticeSchema, parseJson(body));
  }

  /** Calls the webhook of this very process, through all that a call from elsewhere goes through. */
  async work(server: HttpServer): Promise<void> {
    await this.jobs.work(queue, async ({ payload }) => {
      const body = JSON.stringify({ ...requestSchema.parse(payload), status: 'SUCCEEDED' });
      const signature = signWebhook({ id: newId(), body, secrets: this.secrets, nowMs: this.now() });
      const headers = { 'content-type': 'application/json', ...signature };
      const { statusCode } = await server.inject({ method: 'POST', url: paymentWebhookPath, headers, payload: body });
      if (statusCode >= 300) throw new Error(`The webhook of payments answered with status ${statusCode}`);
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
