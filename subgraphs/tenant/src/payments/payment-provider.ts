import type { IncomingHttpHeaders } from 'node:http';

/** A payment as a provider is asked for it. */
export interface PaymentRequest {
  /** Ours; what is asked for twice with one id is paid once. */
  readonly paymentId: string;
  /** In the smallest unit of the currency. */
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
  /** For people: what is bought. */
  readonly description: string;
}

/** What a provider says has become of a payment. */
export interface PaymentNotice {
  readonly paymentId: string;
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly amount: number;
  readonly currency: string;
}

/** Somebody through whom tenants pay. */
export interface PaymentProvider {
  readonly name: string;
  /**
   * Begins a payment, or finds the one that has begun under the same id.
   *
   * @returns where the person pays; null where there is nothing to do
   */
  start(request: PaymentRequest): Promise<string | null>;
  /**
   * Reads what came to the webhook.
   *
   * @param body the bytes as they came
   * @throws AppError `UNAUTHENTICATED` for what the provider has not signed lately, `BAD_USER_INPUT` for what is no notice
   */
  readNotice(headers: IncomingHttpHeaders, body: string): PaymentNotice;
}
