import type { MikroORM } from '@mikro-orm/postgresql';
import type { PoolClient } from 'pg';
import { StartError } from '../errors/index.js';
import type { Logger } from '../logging/index.js';
import { assertConfinedRole } from './assert-confined-role.js';
import type { ConnectionSource } from './session-statements.js';

/** How long a replica that failed is left alone; then one read at a time tries it. */
const restMs = 5_000;

/** One standby: where its connections come from, and whether it is worth a try. */
export class ReadReplica implements ConnectionSource {
  readonly #orm: MikroORM;
  readonly #logger: Logger;
  #confined: Promise<void> | undefined;
  #hasFailed = false;
  #restsUntilMs = 0;

  constructor(orm: MikroORM, logger: Logger) {
    this.#orm = orm;
    this.#logger = logger;
  }

  /** Whether to read from it now. Of one that failed, asking takes the turn to try it. */
  takeTurn(nowMs: number): boolean {
    if (nowMs < this.#restsUntilMs) return false;
    if (this.#hasFailed) this.#restsUntilMs = nowMs + restMs;
    return true;
  }

  /** @throws StartError on a role that row-level security would not bind; another error where it cannot be asked */
  assertConfined(): Promise<void> {
    this.#confined ??= assertConfinedRole(this.#orm).catch((error: unknown) => {
      if (!(error instanceof StartError)) this.#confined = undefined;
      throw error;
    });
    return this.#confined;
  }

  async connect(): Promise<PoolClient> {
    try {
      // The address may lead to another role than the primary's.
      await this.assertConfined();
      const pool = await this.#orm.em.getConnection().getNativeClient();
      return await pool.connect();
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }

  worked(): void {
    this.#hasFailed = false;
    this.#restsUntilMs = 0;
  }

  /** A connection could not be made, or broke. */
  failed(error: unknown): void {
    if (!this.#hasFailed) this.#logger.warn({ err: error }, 'read replica failed: the primary takes its reads');
    this.#hasFailed = true;
    this.#restsUntilMs = performance.now() + restMs;
  }

  async check(): Promise<void> {
    const check = await this.#orm.checkConnection();
    if (!check.ok) throw new Error(check.reason);
  }

  async close(): Promise<void> {
    await this.#orm.close();
  }
}
