import type { SubscriptionEnd } from './subscription-end.js';

/** Is told what becomes of the events of streams. */
export interface StreamObserver {
  /** A client has subscribed to a field. */
  opened(field: string): void;
  closed(field: string, end: SubscriptionEnd): void;
  upstreamOpened(): void;
  upstreamClosed(): void;
  /** A stream that was lost is open again. */
  upstreamReopened(): void;
  /** An event came from a subgraph. */
  received(): void;
  /** An event was handed to so many subscribers. */
  delivered(subscribers: number): void;
  /** A subscriber's transport took an event, so many milliseconds after it was published, or came where that is not told. */
  taken(lagMs: number): void;
  /** An event went for a later one, for so many subscribers: they read slower than it is written. */
  replaced(subscribers: number): void;
  /** A subscriber read too slowly for events of which none may be left out, and was cut off. */
  fellBehind(): void;
}
