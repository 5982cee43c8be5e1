import { toAppError } from '../errors/index.js';
import type { Lifecycle } from '../lifecycle/index.js';
import type { Logger } from '../logging/index.js';
import type { PubSub } from '../pubsub/index.js';
import type { EventStreams, LiveEvents, LiveListener } from './live-events.js';
import { createInProcessEventStreams } from './in-process-event-streams.js';
import { createRedisEventStreams } from './redis-event-streams.js';

export interface CreateLiveEventsOptions {
  /** Carries the channels. */
  readonly pubSub: PubSub;
  readonly logger: Logger;
  readonly lifecycle: Pick<Lifecycle, 'defer'>;
  /** Where streams are kept; without it in this process. */
  readonly redisUrl?: string | undefined;
  /** Events that each stream keeps, about. Default 1,000. */
  readonly maxLength?: number;
}

/** Keeps the channels of live events apart from what Tessera's processes tell each other. */
const channelOf = (name: string): string => `live:${name}`;

/** Creates the live events of a process: over Redis where there is one, else within the process. */
export function createLiveEvents({ pubSub, redisUrl, ...options }: CreateLiveEventsOptions): LiveEvents {
  const streams: EventStreams =
    redisUrl === undefined
      ? createInProcessEventStreams(options)
      : createRedisEventStreams({ ...options, url: redisUrl });
  return {
    publish: (channel, payload) => pubSub.publish(channelOf(channel), payload),
    append: (stream, payload) => streams.append(stream, payload),
    listen: ({ kind, name }, listener, after) =>
      kind === 'stream' ? streams.follow(name, listener, after) : listenTo(pubSub, channelOf(name), listener),
  };
}

function listenTo(pubSub: PubSub, channel: string, listener: LiveListener): () => void {
  const subscription = pubSub.subscribe(channel, { onGap: () => listener.gap() });
  const run = async (): Promise<void> => {
    for await (const payload of subscription) listener.event(payload);
  };
  run().catch((error: unknown) => listener.failed(toAppError(error)));
  return () => void subscription.close();
}
