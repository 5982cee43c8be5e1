import type { MikroORM } from '@mikro-orm/postgresql';
import { StartError } from '../errors/index.js';
import type { Logger } from '../logging/index.js';
import { openDatabase, type DatabaseOptions, type EntityManager } from './database.js';
import { ReadReplica } from './read-replica.js';
import { replayed, type ReplayGoal } from './recent-writes.js';
import { openReplicaReader } from './session-reader.js';
import type { SessionSettings } from './preliminary.js';

/** How a read that may be stale was answered: by a replica, or by the primary, because no replica could or was asked. */
export type StaleReadOutcome = 'replica' | 'refused' | 'resting';

export interface ReadReplicasOptions extends Omit<DatabaseOptions, 'url'> {
  /** Connection strings of streaming standbys, as the service's own role. */
  readonly urls: readonly string[];
  /** How far a standby may be behind, in milliseconds. */
  readonly maxLagMs: number;
  /** After how many milliseconds without an answer the primary takes a read over. */
  readonly timeoutMs: number;
  readonly observe: (outcome: StaleReadOutcome) => void;
}

/** Longer than this nobody waits for a connection to a standby, nor for its word that a read was too slow, in milliseconds. */
const maxConnectMs = 1_000;

/** Standbys to read from, taken in turn. What fails on one is for the primary to answer: a standby is never the last word. */
export class ReadReplicas {
  readonly maxLagMs: number;
  readonly #replicas: readonly ReadReplica[];
  readonly #limits: SessionSettings;
  readonly #logger: Logger;
  readonly #observe: (outcome: StaleReadOutcome) => void;
  #next = 0;

  constructor(options: ReadReplicasOptions) {
    const { urls, timeoutMs, logger } = options;
    this.maxLagMs = options.maxLagMs;
    this.#logger = logger;
    this.#observe = options.observe;
    // The standby itself ends what is only slow; who does not even do that is taken for dead.
    this.#limits = { statement_timeout: String(timeoutMs) };
    const limits = { queryTimeoutMs: timeoutMs + maxConnectMs, connectTimeoutMs: Math.min(timeoutMs, maxConnectMs) };
    this.#replicas = urls.map((url) => new ReadReplica(openDatabase({ ...options, ...limits, url }), logger));
  }

  /**
   * Reads from a standby that has replayed enough.
   *
   * @param orm the primary's, whose entities are read
   * @param work may be run in vain, and again on the primary
   * @returns undefined where no standby could answer
   */
  async read<T>(
    orm: MikroORM,
    settings: SessionSettings,
    goal: ReplayGoal,
    work: (entityManager: EntityManager) => Promise<T>,
  ): Promise<{ readonly value: T } | undefined> {
    const replica = this.#take();
    if (replica === undefined) {
      this.#observe('resting');
      return undefined;
    }
    try {
      const value = await work(openReplicaReader(orm, replica, { ...settings, ...this.#limits }, replayed(goal)));
      replica.worked();
      this.#observe('replica');
      return { value };
    } catch (error) {
      this.#logger.debug({ err: error }, 'the primary takes over what a read replica refused');
      this.#observe('refused');
      return undefined;
    }
  }

  /** @throws StartError for a role that row-level security would not bind; a standby that is down is asked when it is back */
  async assertConfined(): Promise<void> {
    for (const replica of this.#replicas) {
      await replica.assertConfined().catch((error: unknown) => {
        if (error instanceof StartError) throw error;
        replica.failed(error);
      });
    }
  }

  async check(): Promise<void> {
    await Promise.all(this.#replicas.map((replica) => replica.check()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#replicas.map((replica) => replica.close()));
  }

  #take(): ReadReplica | undefined {
    const nowMs = performance.now();
    for (let tried = 0; tried < this.#replicas.length; tried += 1) {
      this.#next = (this.#next + 1) % this.#replicas.length;
      const replica = this.#replicas[this.#next];
      if (replica?.takeTurn(nowMs) === true) return replica;
    }
    return undefined;
  }
}
