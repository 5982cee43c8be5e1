import { setTimeout as pause } from 'node:timers/promises';
import { withDeadline } from '../deadline/index.js';
import type { Logger } from '../logging/index.js';
import { reconnectDelayMs, waitForRedis, type RedisClient } from '../redis/index.js';
import { Follower, type StreamEvent } from './follower.js';
import type { LiveListener } from './live-events.js';
import { describeStream, readAfter, readNew } from './stream-commands.js';
import { isBehind, isStreamId } from './stream-id.js';

export interface StreamReaderOptions {
  readonly redis: RedisClient;
  /** For the one command that waits. The reader disconnects it. */
  readonly blocking: RedisClient;
  readonly logger: Logger;
}

interface Followed {
  readonly followers: Set<Follower>;
  /** What was read live up to now; undefined until it is known where now is. */
  head: string | undefined;
}

/** So long a stream that somebody begins to follow waits to be read with the others. */
const blockMs = 100;
const connectTimeoutMs = 10_000;

/** Reads all streams that somebody follows by one command that waits for any of them. */
export class StreamReader {
  readonly #options: StreamReaderOptions;
  readonly #streams = new Map<string, Followed>();
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;
  #mayHaveLost = false;
  #hasReconnected = false;

  constructor(options: StreamReaderOptions) {
    this.#options = options;
    // A command that waits when its connection ends may be answered with nothing instead of an error.
    options.blocking.on('ready', () => (this.#hasReconnected = true));
  }

  follow(key: string, listener: LiveListener, after: string | undefined): () => void {
    const follower = new Follower(listener, after);
    const stream = this.#streams.get(key) ?? { followers: new Set(), head: undefined };
    this.#streams.set(key, stream);
    // It hears what is live before it is asked where that begins: nothing falls between the two.
    stream.followers.add(follower);
    const leave = (): void => {
      follower.close();
      stream.followers.delete(follower);
      if (stream.followers.size === 0 && this.#streams.get(key) === stream) this.#streams.delete(key);
    };
    void this.#retrying(
      () => this.#catchUp(key, stream, follower),
      () => follower.isOver,
    ).then(() => {
      if (follower.isOver) leave();
    });
    this.#running ??= this.#run();
    return leave;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#options.blocking.disconnect();
    await this.#running;
  }

  async #catchUp(key: string, stream: Followed, follower: Follower): Promise<void> {
    const { redis } = this.#options;
    const { lastId, goneId } = await describeStream(redis, key);
    follower.check(goneId);
    if (follower.isOver) return;
    stream.head ??= lastId;
    follower.begin(lastId);
    for (let events = await this.#older(key, follower); events.length > 0; events = await this.#older(key, follower)) {
      follower.readAgain(events);
    }
    follower.caughtUp();
  }

  async #older(key: string, { after, position }: Follower): Promise<readonly StreamEvent[]> {
    if (after === undefined || position === undefined) return [];
    return readAfter(this.#options.redis, key, position);
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted && this.#streams.size > 0) {
      await this.#retrying(
        async () => {
          if (this.#mayHaveLost) await this.#lookForGaps();
          this.#mayHaveLost = true;
          await this.#readOnce();
          this.#mayHaveLost = this.#hasReconnected;
          this.#hasReconnected = false;
        },
        () => this.#streams.size === 0,
      );
    }
    this.#running = undefined;
  }

  async #readOnce(): Promise<void> {
    const heads = [...this.#streams].flatMap(([key, { head }]) => (head === undefined ? [] : [[key, head] as const]));
    if (heads.length === 0) return void (await pause(blockMs / 4, undefined, { signal: this.#closing.signal }));
    const { blocking } = this.#options;
    let answered = false;
    const reading = readNew(blocking, heads, blockMs).finally(() => (answered = true));
    try {
      for (const [key, events] of await withDeadline(reading, blockMs + 2_000, 'Reading streams')) {
        const stream = this.#streams.get(key);
        if (stream === undefined) continue;
        stream.head = events.at(-1)?.id ?? stream.head;
        for (const follower of stream.followers) follower.live(events);
      }
    } catch (error) {
      // A connection on which not even the empty answer comes is replaced.
      if (!answered && !this.#closing.signal.aborted) blocking.disconnect(true);
      throw error;
    }
  }

  /** What was written and trimmed while Redis was away, or lost with its data, nobody will see. */
  async #lookForGaps(): Promise<void> {
    for (const [key, { head, followers }] of this.#streams) {
      if (head === undefined || !isStreamId(head)) continue;
      const { lastId, goneId } = await describeStream(this.#options.redis, key);
      if (isBehind(goneId, head) || isBehind(head, lastId)) for (const follower of followers) follower.gap();
    }
  }

  async #retrying(work: () => Promise<void>, isOver: () => boolean): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted && !isOver();) {
      try {
        await waitForRedis(this.#options.redis, connectTimeoutMs, signal);
        await waitForRedis(this.#options.blocking, connectTimeoutMs, signal);
        return await work();
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        this.#options.logger.warn({ err: error }, 'reading live events failed');
        await pause(reconnectDelayMs(failures), undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
