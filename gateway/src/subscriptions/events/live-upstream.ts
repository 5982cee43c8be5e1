import { AppError } from '@tessera/service/errors';
import type { LiveEvents, LiveSource } from '@tessera/service/live-events';
import type { FormattedExecutionResult } from 'graphql';
import type { Upstream, UpstreamSink } from '../upstream.js';

/**
 * Pours what comes over a channel or a stream into a sink, each event as it came.
 *
 * @param after behind which event of a stream it begins
 */
export function openLiveUpstream(
  events: LiveEvents,
  source: LiveSource,
  sink: UpstreamSink,
  after: string | undefined,
): Upstream {
  const close = events.listen(
    source,
    {
      event: (payload, id) => sink.push({ kind: 'event', event: { data: { payload }, ...placeOf(id) } }),
      began: (id) => sink.push({ kind: 'event', event: { extensions: { eventId: id } } }),
      gap() {
        if (source.kind === 'channel') return sink.reopened();
        sink.finish({ error: new AppError('OVERLOADED', 'Events were lost') });
        close();
      },
      failed: (error) => sink.finish({ error }),
    },
    source.kind === 'stream' ? after : undefined,
  );
  return { close };
}

/** What came over the channel. */
export function payloadOf({ data }: FormattedExecutionResult): unknown {
  return data?.['payload'] ?? null;
}

/** An id of a stream begins with the milliseconds at which its event was appended. */
function placeOf(id: string | undefined) {
  return id === undefined ? {} : { extensions: { eventId: id, publishedAtMs: Number.parseInt(id, 10) } };
}
