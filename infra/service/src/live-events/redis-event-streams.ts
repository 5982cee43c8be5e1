import { AppError, toAppError } from '../errors/index.js';
import type { JsonValue } from '../json/index.js';
import type { Lifecycle } from '../lifecycle/index.js';
import type { Logger } from '../logging/index.js';
import { createRedis, liveStreamKey, type RedisClient } from '../redis/index.js';
import type { EventStreams, LiveListener } from './live-events.js';
import { payloadField } from './stream-commands.js';
import { StreamReader } from './stream-reader.js';

export interface RedisEventStreamsOptions {
  readonly url: string;
  readonly logger: Logger;
  readonly lifecycle: Pick<Lifecycle, 'defer'>;
  /** Events that each stream keeps, about. Default 1,000. */
  readonly maxLength?: number;
  /** How long a stream is kept after its last event. Default a day. */
  readonly retentionSeconds?: number;
}

/**
 * Creates {@link EventStreams} over Redis Streams. All streams that somebody of this process follows are read by one
 * connection, which waits for all of them together; nothing is opened before the first is followed or written.
 */
export function createRedisEventStreams(options: RedisEventStreamsOptions): EventStreams {
  const { url, logger, lifecycle, maxLength = 1_000, retentionSeconds = 86_400 } = options;
  let opened: { readonly redis: RedisClient; readonly reader: StreamReader } | undefined;
  const open = () => {
    if (opened !== undefined) return opened;
    const redis = createRedis(url, { logger, lifecycle, name: 'live events' });
    const blocking = createRedis(url, { logger, lifecycle, name: 'live events reader', commandTimeoutMs: undefined });
    const reader = new StreamReader({ redis, blocking, logger });
    lifecycle.defer('live events', () => reader.close());
    opened = { redis, reader };
    return opened;
  };
  return {
    async append(stream: string, payload: JsonValue): Promise<string> {
      const key = liveStreamKey(stream);
      try {
        const { redis } = open();
        const id = await redis.xadd(key, 'MAXLEN', '~', maxLength, '*', payloadField, JSON.stringify(payload));
        await redis.expire(key, retentionSeconds);
        return id ?? '';
      } catch (error) {
        throw new AppError('OVERLOADED', 'Event was not appended', { cause: error });
      }
    },
    follow(stream: string, listener: LiveListener, after: string | undefined): () => void {
      try {
        return open().reader.follow(liveStreamKey(stream), listener, after);
      } catch (error) {
        listener.failed(toAppError(error));
        return () => undefined;
      }
    },
  };
}
