import { setTimeout as pause } from 'node:timers/promises';
import { StartError } from '../errors/index.js';
import type { Logger } from '../logging/index.js';

/** How migrations go about locks that others hold. */
export interface LockPatience {
  /** How long a statement waits for a lock, and all that come after it wait with it. */
  readonly lockTimeoutMs: number;
  /** How often it is tried before somebody has to look. */
  readonly attempts: number;
  /** How long others have their turn after the first attempt; twice as long after each, up to fifteen seconds. */
  readonly firstPauseMs: number;
}

/** Less than a service's `lock_timeout`: what waits behind a migration is late, but does not fail. Three minutes in all. */
export const defaultLockPatience: LockPatience = { lockTimeoutMs: 3_000, attempts: 12, firstPauseMs: 1_000 };

const maxPauseMs = 15_000;

/** SQLSTATE `lock_not_available`, as `lock_timeout` does it. */
const lockNotAvailable = '55P03';

/**
 * Does work that goes on where it was when it gets no lock in time, after a pause.
 *
 * @throws StartError when it got none by its last attempt
 */
export async function untilLocked<Result>(
  work: () => Promise<Result>,
  {
    database,
    patience,
    logger,
  }: { readonly database: string; readonly patience: LockPatience; readonly logger: Logger },
): Promise<Result> {
  const { attempts, firstPauseMs } = patience;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== lockNotAvailable) throw error;
      if (attempt === attempts) {
        throw new StartError(
          `Database ${database}: a migration was not made, for others held a lock at each of ${attempts} attempts. ` +
            `End long transactions (pg_stat_activity), then migrate again`,
          { cause: error },
        );
      }
      const pauseMs = Math.min(firstPauseMs * 2 ** (attempt - 1), maxPauseMs);
      logger.warn({ database, attempt, attempts, pauseMs }, 'others hold a lock: migrating later');
      await pause(pauseMs);
    }
  }
}
