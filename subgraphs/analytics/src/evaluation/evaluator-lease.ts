import { sqlOf } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';

/**
 * Which instance evaluates: the one that shows itself in a row of the database, until it has been silent for too long.
 * A row, not an advisory lock of a session, because poolers in transaction mode share sessions.
 */
export class EvaluatorLease {
  readonly #serviceScope: () => DataScope;
  readonly #instanceId: string;
  readonly #leaseMs: number;

  constructor(serviceScope: () => DataScope, instanceId: string, leaseMs: number) {
    this.#serviceScope = serviceScope;
    this.#instanceId = instanceId;
    this.#leaseMs = leaseMs;
  }

  /** Takes or prolongs the lease. @returns whether this instance holds it now */
  async hold(): Promise<boolean> {
    const rows = await this.#serviceScope().write((entityManager) =>
      sqlOf(entityManager)(
        `update alert_evaluator set holder = $1, seen_at = now()
         where id = 1 and (holder = $1 or seen_at < now() - make_interval(secs => $2::float8 / 1000)) returning id`,
        [this.#instanceId, this.#leaseMs],
      ),
    );
    return rows.length === 1;
  }

  /** Lets another instance take over at once. */
  async release(): Promise<void> {
    await this.#serviceScope().write((entityManager) =>
      sqlOf(entityManager)(
        `update alert_evaluator set holder = null, seen_at = '-infinity' where id = 1 and holder = $1`,
        [this.#instanceId],
      ),
    );
  }
}
