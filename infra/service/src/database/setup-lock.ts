import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import { StartError } from '../errors/index.js';
import type { Logger } from '../logging/index.js';

/** Serialises provisioning and migrating over all processes that start at once ("Tess" in hex). */
const setupLockKey = 0x54657373;

const pollIntervalMs = 250;

export interface SetupLockOptions {
  /** Hears once that it is waited for. */
  readonly logger?: Logger;
  /** How long to wait for whoever has it. Default ten minutes: as long as the indexes of the job queue may take. */
  readonly timeoutMs?: number;
}

/**
 * Takes the lock of who sets a database up, and keeps it until the connection ends. It is asked for again and again, not waited for: a
 * statement that waits would hold a snapshot, which indexes that are built concurrently wait for in their turn.
 *
 * @throws StartError when another process has it for longer than the time to wait
 */
export async function holdSetupLock(
  client: Client,
  { logger, timeoutMs = 600_000 }: SetupLockOptions = {},
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  for (let attempt = 1; !(await tryLock(client)); attempt += 1) {
    const { database } = client;
    if (attempt === 1) logger?.info({ database }, 'another process sets this database up: waiting for it');
    if (performance.now() >= deadlineMs) {
      throw new StartError(
        `Database ${database}: another process has been setting it up for more than ${timeoutMs / 1_000} s. Wait for its end, then start again`,
      );
    }
    await pause(pollIntervalMs);
  }
}

async function tryLock(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ is_taken: boolean }>('select pg_try_advisory_lock($1) as is_taken', [
    setupLockKey,
  ]);
  return rows[0]?.is_taken === true;
}
