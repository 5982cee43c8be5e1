import { sqlOf } from '@tessera/service/database';
import type { Jobs } from '@tessera/service/jobs';
import type { Logger } from '@tessera/service/logging';
import type { DataScope } from '@tessera/service/tenancy';
import { totpPurpose } from '../second-factor/second-factor-check.js';
import { isManaged } from './key-vault.js';
import type { Seal } from './seal.js';
import { signingKeyPurpose } from './signing-key.js';
import { renewStoredHash } from './stored-hash.js';

const queue = 'renew-seals';
/** Every hour: an instance that has not been switched yet seals with the secret before. */
const cron = '29 * * * *';
const batchSize = 500;

/** What is sealed for longer than a secret is accepted beside the next. */
const sealedColumns = [
  { table: 'totp_factor', id: 'user_id', column: 'sealed_secret', purposeOf: totpPurpose },
  { table: 'signing_key', id: 'id', column: 'sealed_private_jwk', purposeOf: signingKeyPurpose },
] as const;

type SealedColumn = (typeof sealedColumns)[number];

interface SealedRow {
  readonly id: string;
  readonly sealed: string;
}

export interface RenewSealsOptions {
  readonly openScope: () => DataScope;
  readonly seal: Seal;
  /** Whether one secret takes the place of another. */
  readonly isRotating: boolean;
  readonly logger: Logger;
}

/** Plans that what another secret has sealed is sealed with the first one: at the start of an instance, and every hour. */
export async function renewSeals(jobs: Jobs, options: RenewSealsOptions): Promise<void> {
  const { openScope, seal, isRotating, logger } = options;
  await jobs.recur(queue, cron, async ({ signal }) => {
    if (!isRotating) return;
    const counts = { renewed: 0, unopened: 0 };
    for (const column of sealedColumns) {
      for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
        signal.throwIfAborted();
        after = await renewBatch(openScope(), seal, column, after, counts);
      }
    }
    // Last of all: an instance starts only with the secret of this one.
    await renewStoredHash(openScope, seal);
    if (counts.unopened > 0) {
      logger.warn(counts, 'no secret of KEY_ENCRYPTION_SECRET opens some of what is sealed');
      return;
    }
    logger.info(
      counts,
      'all that is stored is sealed with the first KEY_ENCRYPTION_SECRET; links live for two days more',
    );
  });
  if (isRotating) await jobs.send(queue, {}, { singletonKey: 'start' });
}

/** @returns the last id of the batch; undefined after the last batch */
async function renewBatch(
  scope: DataScope,
  seal: Seal,
  { table, id, column, purposeOf }: SealedColumn,
  after: string | undefined,
  counts: { renewed: number; unopened: number },
): Promise<string | undefined> {
  return scope.write(async (entityManager) => {
    const query = sqlOf(entityManager);
    const rows = await query<SealedRow>(
      `select ${id} as id, ${column} as sealed from ${table}
       where $1::uuid is null or ${id} > $1 order by ${id} limit $2`,
      [after ?? null, batchSize],
    );
    const renewed: (SealedRow & { readonly former: string })[] = [];
    for (const { id: rowId, sealed: former } of rows) {
      if (isManaged(former)) continue;
      try {
        const sealed = seal.renew(former, purposeOf(rowId));
        if (sealed !== undefined) renewed.push({ id: rowId, former, sealed });
      } catch {
        counts.unopened += 1;
      }
    }
    // Only what is still the same: somebody may set up another app meanwhile.
    const done = await query(
      `update ${table} set ${column} = renewed.sealed
       from unnest($1::uuid[], $2::text[], $3::text[]) as renewed (id, former, sealed)
       where ${table}.${id} = renewed.id and ${table}.${column} = renewed.former returning 1`,
      [renewed.map((row) => row.id), renewed.map((row) => row.former), renewed.map((row) => row.sealed)],
    );
    counts.renewed += done.length;
    return rows.length < batchSize ? undefined : rows.at(-1)?.id;
  });
}
