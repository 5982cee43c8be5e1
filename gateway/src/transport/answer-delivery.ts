import type { FormattedExecutionResult } from 'graphql';
import type { RequestContext } from '../context.js';

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
  /** Looks once more, later, for what everybody may have of this answer; undefined where it is no longer good. */
  readonly again?: () => AnswerDelivery | undefined;
}

/**
 * Answers a later request that is alike to the byte, by what was found out about the first one; all that may have changed since
 * is asked again: whether the operation is known and admitted, limits, and whether the answer is still good.
 *
 * @returns undefined where the request has to go the whole way
 * @throws AppError or OperationRefusal where the whole way would refuse it
 */
export type RepeatAnswer = (context: RequestContext) => Promise<AnswerDelivery | undefined>;

/** An answer that may say how it may be kept; one that does not may not be kept by anybody. */
export interface DeliveredAnswer extends FormattedExecutionResult {
  readonly [delivery]?: AnswerDelivery;
}
