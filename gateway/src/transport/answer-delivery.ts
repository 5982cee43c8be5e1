import type { FormattedExecutionResult } from 'graphql';

/** Where an answer carries what transports that keep answers (HTTP) may know of it; it is never part of its JSON. */
export const delivery: unique symbol = Symbol('delivery');

/** How an answer may be kept by others, and its bytes where they are there already. */
export interface AnswerDelivery {
  /** `Cache-Control`, `Age` and the like, by names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  /** Request headers, beside `Accept`, that another answer may come for: `accept-language, x-region`; or empty. */
  readonly vary: string;
  /** The whole answer as JSON. */
  readonly body: string | Buffer | undefined;
  /** A strong validator of the bytes, without quotes. */
  readonly etag: string | undefined;
}

/** An answer that may say how it may be kept; one that does not may not be kept by anybody. */
export interface DeliveredAnswer extends FormattedExecutionResult {
  readonly [delivery]?: AnswerDelivery;
}
