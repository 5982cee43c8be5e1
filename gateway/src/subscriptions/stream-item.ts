import type { FormattedExecutionResult } from 'graphql';
import type { UpstreamItem } from './upstream.js';

/** What came from a subgraph, and when. */
export interface StreamItem {
  readonly item: UpstreamItem;
  /** Greater than that of whatever came before, in any stream of the process. */
  readonly order: number;
  /** Where the stream goes on after it, if its subgraph has told. */
  readonly eventId: string | undefined;
  /** Whether events before it may have got lost, unseen. */
  readonly mayFollowGap: boolean;
  /**
   * When it was published where that is told, or else came, as `performance.now()` counts. Undefined where its age says nothing
   * about the way that it took: it was published before anybody here listened.
   */
  readonly publishedAtMs: number | undefined;
}

const maxIdLength = 256;

/** The id that a subgraph gave an event: `extensions.eventId`. */
export function eventIdOf({ extensions }: FormattedExecutionResult): string | undefined {
  const id = extensions?.['eventId'];
  return typeof id === 'string' && id !== '' && id.length <= maxIdLength ? id : undefined;
}

/** When a subgraph says that it published an event, in milliseconds since the epoch: `extensions.publishedAtMs`. */
export function publicationOf({ extensions }: FormattedExecutionResult): number | undefined {
  const publishedAtMs = extensions?.['publishedAtMs'];
  return typeof publishedAtMs === 'number' && Number.isFinite(publishedAtMs) ? publishedAtMs : undefined;
}

/** Whether a subgraph has only told where its stream begins. */
export function isBeginning({ data, errors }: FormattedExecutionResult): boolean {
  return (data === undefined || data === null) && errors === undefined;
}
