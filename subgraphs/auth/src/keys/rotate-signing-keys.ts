import type { Jobs } from '@tessera/service/jobs';
import type { Logger } from '@tessera/service/logging';
import type { KeyRing } from './key-ring.js';

const queue = 'rotate-signing-keys';
/** Every night: whether a key is old enough is looked up then. */
const cron = '41 2 * * *';

export interface RotateSigningKeysOptions {
  readonly keyRing: KeyRing;
  readonly maxAgeDays: number;
  readonly logger: Logger;
}

/** Plans the rotation of signing keys: one instance a night looks whether it is time. */
export async function rotateSigningKeys(
  jobs: Jobs,
  { keyRing, maxAgeDays, logger }: RotateSigningKeysOptions,
): Promise<void> {
  await jobs.recur(queue, cron, async () => {
    const next = await keyRing.rotate(maxAgeDays);
    if (next !== undefined) logger.info({ kid: next.id, signsFrom: next.signsFrom }, 'another key is to sign tokens');
  });
}
