import { deadEventStreamKey, eventStreamKey, type RedisClient } from '../redis/index.js';
import {
  eventField,
  readEntries,
  readMaps,
  readPending,
  readStreamReply,
  type PendingEntry,
  type StreamEntry,
} from './stream-reply.js';

/**
 * KEYS: stream; ARGV: group, member. Deleting a member deletes what is pending with it, so the check and the deletion
 * are one step: a member that only seemed dead may be reading just now.
 */
const forgetIdleMember = `
if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) > 0 then return 0 end
return redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])`;

/** The commands of one member of a consumer group, in the terms of events. */
export class StreamGroup {
  readonly #redis: RedisClient;
  readonly #group: string;
  /** The member's own name: one per running consumer. */
  readonly #member: string;

  constructor(redis: RedisClient, group: string, member: string) {
    this.#redis = redis;
    this.#group = group;
    this.#member = member;
  }

  /** Creates the group at the very beginning of the stream, so that it misses nothing published before its first start. */
  async create(): Promise<void> {
    try {
      await this.#redis.xgroup('CREATE', eventStreamKey, this.#group, '0', 'MKSTREAM');
    } catch (error) {
      if (!(error as Error).message.startsWith('BUSYGROUP')) throw error;
    }
  }

  /** Waits for new events, on a connection of its own since it blocks. */
  async read(blocking: RedisClient, maxCount: number, blockMs: number): Promise<readonly StreamEntry[]> {
    return readStreamReply(
      await blocking.xreadgroup(
        'GROUP',
        this.#group,
        this.#member,
        'COUNT',
        maxCount,
        'BLOCK',
        blockMs,
        'STREAMS',
        eventStreamKey,
        '>',
      ),
    );
  }

  async acknowledge(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#redis.xack(eventStreamKey, this.#group, ...ids);
  }

  /** Tells the group that these entries are still being worked on, so that no other member takes them. */
  async keep(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#redis.call('XCLAIM', eventStreamKey, this.#group, this.#member, '0', ...ids, 'JUSTID');
  }

  /** Answers one page of the entries that nobody has touched for a while, of all members. */
  async pending(minIdleMs: number, afterId: string, maxCount: number): Promise<readonly PendingEntry[]> {
    return readPending(
      await this.#redis.xpending(eventStreamKey, this.#group, 'IDLE', minIdleMs, `(${afterId}`, '+', maxCount),
    );
  }

  /** Takes an entry over, if nobody else has touched it since; undefined when somebody has, or when it is gone. */
  async claim(id: string, minIdleMs: number): Promise<StreamEntry | undefined> {
    const reply = await this.#redis.call('XCLAIM', eventStreamKey, this.#group, this.#member, String(minIdleMs), id);
    return readEntries(reply)[0];
  }

  /** Puts an entry aside for an operator, then acknowledges it: a crash between the two leaves it twice, never nowhere. */
  async bury({ id, text = '' }: StreamEntry, reason: string): Promise<void> {
    await this.#redis.xadd(
      deadEventStreamKey,
      '*',
      eventField,
      text,
      'consumer',
      this.#group,
      'entryId',
      id,
      'reason',
      reason,
    );
    await this.acknowledge([id]);
  }

  /** Removes members that ended long ago and left nothing behind. */
  async forgetMembers(idleMs: number): Promise<void> {
    for (const member of readMaps(await this.#redis.xinfo('CONSUMERS', eventStreamKey, this.#group))) {
      if (Number(member.get('idle')) < idleMs || Number(member.get('pending')) > 0) continue;
      await this.#redis.eval(forgetIdleMember, 1, eventStreamKey, this.#group, String(member.get('name')));
    }
  }
}
