import type { GraphQLFormattedError } from 'graphql';
import type { StreamedAnswer } from '../operation-handler.js';

/** How one transport writes what happens in a stream. Every text is whole: a client can act on it as soon as it is there. */
export interface StreamFormat {
  readonly contentType: string;
  /** Goes out with the headers, so that the client knows at once that it was let in. */
  readonly opening: string;
  /** Shows that the stream lives. */
  readonly heartbeat: string;
  next(event: StreamedAnswer): string;
  /** The last text of a stream that failed. */
  failed(errors: readonly GraphQLFormattedError[]): string;
  /** The last text of a stream that came to its end. */
  readonly completed: string;
  /** The last text where the gateway goes away in the midst of the stream: its client is to come back. */
  readonly interrupted: string;
}
