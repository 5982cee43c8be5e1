import { sqlOf } from '@tessera/service/database';
import type { Logger } from '@tessera/service/logging';
import type { DataScope } from '@tessera/service/tenancy';
import { findStrength, leastStrength, strongerOf, type HashStrength } from './hash-strength.js';
import { measureHashMs } from './password-hasher.js';

export interface StrengthOptions {
  readonly openScope: () => DataScope;
  readonly logger: Logger;
  /** How long one hash is to take; 0: the least strength, and nothing is measured. */
  readonly targetMs: number;
}

/**
 * Answers how strongly passwords are hashed: as the first instance measured that was started with this target. The others
 * take that, so that they agree however busy the machine was when they started.
 */
export async function agreeOnStrength({ openScope, logger, targetMs }: StrengthOptions): Promise<HashStrength> {
  if (targetMs === 0) return leastStrength;
  const remembered = await readStrength(openScope(), targetMs);
  if (remembered !== undefined) return strongerOf(remembered, leastStrength);
  const measured = await findStrength(targetMs, measureHashMs);
  const agreed = (await rememberStrength(openScope(), targetMs, measured)) ?? measured;
  logger.info({ targetMs, ...agreed }, 'the strength of password hashes was measured');
  return strongerOf(agreed, leastStrength);
}

const columns = 'memory_kib as "memoryKiB", passes';

async function readStrength(scope: DataScope, targetMs: number): Promise<HashStrength | undefined> {
  try {
    const [row] = await scope.read((entityManager) =>
      sqlOf(entityManager)<HashStrength>(`select ${columns} from password_strength where target_ms = $1`, [targetMs]),
    );
    return row;
  } finally {
    scope.close();
  }
}

/** Remembers what was measured, unless another instance was faster; then what that one measured counts. */
async function rememberStrength(
  scope: DataScope,
  targetMs: number,
  { memoryKiB, passes }: HashStrength,
): Promise<HashStrength | undefined> {
  return scope.write(async (entityManager) => {
    const query = sqlOf(entityManager);
    await query(
      `insert into password_strength (target_ms, memory_kib, passes) values ($1, $2, $3)
       on conflict (only_row) do update set target_ms = excluded.target_ms, memory_kib = excluded.memory_kib,
         passes = excluded.passes, measured_at = now()
       where password_strength.target_ms <> excluded.target_ms`,
      [targetMs, memoryKiB, passes],
    );
    const [row] = await query<HashStrength>(`select ${columns} from password_strength`);
    return row;
  });
}
