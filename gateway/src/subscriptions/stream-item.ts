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
  /** `performance.now()` */
  readonly receivedAtMs: number;
}

const maxIdLength = 256;

/** The id that a subgraph gave an event: `extensions.eventId`. */
export function eventIdOf({ extensions }: FormattedExecutionResult): string | undefined {
  const id = extensions?.['eventId'];
  return typeof id === 'string' && id !== '' && id.length <= maxIdLength ? id : undefined;
}

/** Whether a subgraph has only told where its stream begins. */
export function isBeginning({ data, errors }: FormattedExecutionResult): boolean {
  return (data === undefined || data === null) && errors === undefined;
}
