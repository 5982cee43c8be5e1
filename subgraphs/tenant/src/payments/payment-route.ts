import type { HttpServer } from '@tessera/service/http';
import type { PaymentProvider } from './payment-provider.js';
import type { PaymentService } from './payment.service.js';

/** Where providers say what has become of payments; whoever puts the platform on the internet lets this path through. */
export const paymentWebhookPath = '/payments/webhooks';

const maxBodyBytes = 64 * 1_024;

/** Takes what the provider says. It is signed, so that it needs no caller; what was settled before is answered as if it were new. */
export async function addPaymentRoute(
  server: HttpServer,
  provider: PaymentProvider,
  payments: Pick<PaymentService, 'settle'>,
): Promise<void> {
  await server.register(async (routes) => {
    // Signatures are over the bytes.
    routes.removeAllContentTypeParsers();
    routes.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    routes.post<{ Body: string | undefined }>(
      paymentWebhookPath,
      { bodyLimit: maxBodyBytes },
      async ({ headers, body }, reply) => {
        await payments.settle(provider.readNotice(headers, body ?? ''));
        return reply.code(204).send();
      },
    );
  });
}
