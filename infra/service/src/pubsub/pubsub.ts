import type { JsonValue } from '../json/index.js';

/**
 * One open subscription: iterate it, then close it.
 *
 * The buffer is bounded. A subscriber that falls behind by more than its limit is not waited for and does not lose
 * single messages in silence: its iteration ends with an `AppError` `OVERLOADED`.
 */
export interface PubSubSubscription extends AsyncIterableIterator<JsonValue, undefined, undefined> {
  /**
   * Resolves when every message published from now on will arrive; rejects with `OVERLOADED` when that took longer
   * than the adapter's deadline. May be left alone: an unheeded rejection is harmless, and the adapter keeps trying.
   */
  readonly ready: Promise<void>;
  /** Ends the iteration and frees the channel. Buffered messages are dropped. Idempotent, never rejects. */
  close(): Promise<void>;
  return(): Promise<IteratorReturnResult<undefined>>;
}

/** Settings of one subscription. */
export interface SubscribeOptions {
  /** The most messages that wait for a slow subscriber. Default 1,000. */
  readonly maxBufferedMessages?: number;
  /**
   * Called after the connection was lost and is back: messages of the time between did not arrive. Who needs all of
   * them reads the truth again from its database now.
   */
  readonly onGap?: () => void;
  /** Called when the connection is lost: nothing arrives until {@link onGap} is called. */
  readonly onLost?: () => void;
}

/**
 * Broadcast between all instances: fire and forget. A message reaches who listens now, at most once, in the order of
 * one publisher; nobody keeps it. What must not be lost goes through `@tessera/service/events`.
 */
export interface PubSub {
  /**
   * Sends a message to everybody who listens on the channel.
   *
   * @throws AppError `OVERLOADED` when the broker did not take the message in time
   */
  publish(channel: string, message: JsonValue): Promise<void>;
  subscribe(channel: string, options?: SubscribeOptions): PubSubSubscription;
}
