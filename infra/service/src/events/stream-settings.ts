/** How the Redis event bus behaves; the defaults suit production, tests shorten the times. */
export interface StreamSettings {
  /** A delivered event that was not acknowledged for so long is delivered again; doubles with every further failure. Default 30 s. */
  readonly redeliverAfterMs: number;
  /** The longest wait before another delivery. Default 10 min. */
  readonly maxRedeliverAfterMs: number;
  /** After so many failed deliveries an event goes to the dead stream. Default 10, which takes about an hour. */
  readonly maxDeliveries: number;
  /** How many events the stream may hold; more are refused, and wait in their outbox. Default 100,000. */
  readonly maxLength: number;
  /** How long events are kept after everybody has them, for consumers that are deployed later. Default 7 days. */
  readonly retentionMs: number;
  /** A member of a group that has read nothing for so long, and owes nothing, is removed from it. Default 1 h. */
  readonly forgetMemberAfterMs: number;
}

export const defaultStreamSettings: StreamSettings = {
  redeliverAfterMs: 30_000,
  maxRedeliverAfterMs: 600_000,
  maxDeliveries: 10,
  maxLength: 100_000,
  retentionMs: 7 * 24 * 60 * 60 * 1_000,
  forgetMemberAfterMs: 60 * 60 * 1_000,
};

/** How long an event rests after so many deliveries. */
export function restAfterMs(settings: StreamSettings, deliveries: number): number {
  return Math.min(settings.redeliverAfterMs * 2 ** Math.max(deliveries - 1, 0), settings.maxRedeliverAfterMs);
}
