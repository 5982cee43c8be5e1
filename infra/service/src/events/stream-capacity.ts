import { AppError } from '../errors/index.js';
import type { Logger } from '../logging/index.js';
import { eventStreamKey, type RedisClient } from '../redis/index.js';
import { compareStreamIds, readMaps } from './stream-reply.js';
import type { StreamSettings } from './stream-settings.js';

const checkIntervalMs = 1_000;
const trimIntervalMs = 60_000;

/**
 * Bounds the stream without losing what somebody still has to read: XADD's own MAXLEN would drop the oldest events even
 * if a consumer has been down for a day. Here only events that every group has acknowledged are dropped, and a stream
 * that stays full refuses new ones: they wait in their publisher's outbox.
 */
export class StreamCapacity {
  readonly #redis: RedisClient;
  readonly #logger: Logger;
  readonly #settings: StreamSettings;
  readonly #now: () => number;
  #nextCheckAtMs = 0;
  #nextTrimAtMs = 0;
  #full = false;

  constructor(redis: RedisClient, logger: Logger, settings: StreamSettings, now: () => number) {
    this.#redis = redis;
    this.#logger = logger;
    this.#settings = settings;
    this.#now = now;
  }

  /** @throws AppError `OVERLOADED` while the stream is full of events that some consumer has not read */
  async assertRoom(): Promise<void> {
    const nowMs = this.#now();
    if (nowMs >= this.#nextCheckAtMs) {
      this.#nextCheckAtMs = nowMs + checkIntervalMs;
      this.#full = await this.#isFullAfterTrimming(nowMs);
    }
    if (this.#full) throw new AppError('OVERLOADED', 'Event stream is full of events that a consumer has not read');
  }

  async #isFullAfterTrimming(nowMs: number): Promise<boolean> {
    const { maxLength, retentionMs } = this.#settings;
    const crowded = (await this.#redis.xlen(eventStreamKey)) >= maxLength;
    if (!crowded && nowMs < this.#nextTrimAtMs) return false;
    this.#nextTrimAtMs = nowMs + trimIntervalMs;
    const oldestNeeded = await this.#oldestNeeded();
    const oldestRetained = `${nowMs - retentionMs}-0`;
    const keepRetained = !crowded && compareStreamIds(oldestRetained, oldestNeeded.id) < 0;
    await this.#redis.xtrim(eventStreamKey, 'MINID', '=', keepRetained ? oldestRetained : oldestNeeded.id);
    if (!crowded || (await this.#redis.xlen(eventStreamKey)) < maxLength) return false;
    this.#logger.error({ consumer: oldestNeeded.group, maxLength }, 'event stream is full: a consumer does not read');
    return true;
  }

  /** The first position that some group has not acknowledged yet, and that group. */
  async #oldestNeeded(): Promise<{ readonly id: string; readonly group: string | undefined }> {
    let oldest: { readonly id: string; readonly group: string } | undefined;
    for (const info of readMaps(await this.#redis.xinfo('GROUPS', eventStreamKey).catch(() => []))) {
      const group = String(info.get('name'));
      const [, firstPending] = await this.#redis.xpending(eventStreamKey, group);
      const id = String(firstPending ?? info.get('last-delivered-id'));
      if (oldest === undefined || compareStreamIds(id, oldest.id) < 0) oldest = { id, group };
    }
    // Nobody has subscribed yet: everything is still needed by whoever will.
    return oldest ?? { id: '0-0', group: undefined };
  }
}
