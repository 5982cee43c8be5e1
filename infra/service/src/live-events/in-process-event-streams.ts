import type { JsonValue } from '../json/index.js';
import { Follower, type StreamEvent } from './follower.js';
import type { EventStreams, LiveListener } from './live-events.js';
import { beginningId } from './stream-id.js';

interface Stream {
  events: StreamEvent[];
  lastId: string;
  goneId: string;
  readonly followers: Set<Follower>;
}

export interface InProcessEventStreamsOptions {
  /** Events that each stream keeps. Default 1,000. */
  readonly maxLength?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Creates the streams that all services of one process share in local mode. They are gone with the process. */
export function createInProcessEventStreams(options: InProcessEventStreamsOptions = {}): EventStreams {
  const { maxLength = 1_000, now = Date.now } = options;
  const streams = new Map<string, Stream>();
  let sequence = 0;

  const streamOf = (name: string): Stream => {
    const found = streams.get(name) ?? { events: [], lastId: beginningId, goneId: beginningId, followers: new Set() };
    streams.set(name, found);
    return found;
  };
  return {
    async append(name: string, payload: JsonValue): Promise<string> {
      const stream = streamOf(name);
      const event = { id: `${now()}-${(sequence += 1)}`, text: JSON.stringify(payload) };
      stream.events.push(event);
      stream.lastId = event.id;
      if (stream.events.length > maxLength) stream.goneId = stream.events.shift()?.id ?? stream.goneId;
      for (const follower of stream.followers) queueMicrotask(() => follower.live([event]));
      return event.id;
    },
    follow(name: string, listener: LiveListener, after: string | undefined): () => void {
      const stream = streamOf(name);
      const follower = new Follower(listener, after);
      stream.followers.add(follower);
      const kept = [...stream.events];
      const { lastId } = stream;
      queueMicrotask(() => {
        follower.check(stream.goneId);
        if (follower.isOver) return void stream.followers.delete(follower);
        follower.begin(lastId);
        follower.readAgain(kept);
        follower.caughtUp();
      });
      return () => {
        follower.close();
        stream.followers.delete(follower);
        if (stream.followers.size === 0 && stream.events.length === 0) streams.delete(name);
      };
    },
  };
}
