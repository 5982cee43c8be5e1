import { randomBytes } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import { hash as hashBcrypt } from '@node-rs/bcrypt';
import { sqlOf } from '@tessera/service/database';
import type { Lifecycle } from '@tessera/service/lifecycle';
import type { Logger } from '@tessera/service/logging';
import type { DataScope } from '@tessera/service/tenancy';
import type { KeyedHash } from '../keys/keyed-hash.js';

/** How many stored hashes are alike in what checking them costs. */
export interface HashKind {
  /** Argon2id with so much memory and so many passes, or bcrypt of a cost. */
  readonly memoryKiB: number | null;
  readonly passes: number | null;
  readonly bcryptCost: number | null;
  readonly count: number;
}

interface Decoy {
  readonly hash: string;
  /** Of 2^32 addresses, those up to this one have it. */
  readonly upTo: number;
}

const addressSpace = 2 ** 32;
/** So many hashes tell well enough what all are like. */
const sampleSize = 10_000;
const imitatedForMs = 60 * 60 * 1_000;

/**
 * Hashes that no password matches, for addresses without an account. Checking one takes as long as checking a stored one would: of
 * every kind that is stored there is one, for as large a share of all addresses, and an address always has the same. Who
 * measures finds nothing that sets people with an older hash apart.
 */
export class Decoys {
  readonly #keyedHash: KeyedHash;
  #decoys: readonly Decoy[] = [];

  constructor(keyedHash: KeyedHash) {
    this.#keyedHash = keyedHash;
  }

  /** Makes decoys like these; without any, the caller's own counts for all addresses. */
  async imitate(kinds: readonly HashKind[]): Promise<void> {
    const all = kinds.reduce((sum, { count }) => sum + count, 0);
    const decoys: Decoy[] = [];
    let before = 0;
    for (const kind of kinds) {
      before += kind.count;
      const made = await makeDecoy(kind);
      if (made !== undefined) decoys.push({ hash: made, upTo: (before / all) * addressSpace });
    }
    this.#decoys = decoys;
  }

  /** @returns undefined where nothing is known of what is stored */
  of(email: string): string | undefined {
    const place = this.#keyedHash(email, 'decoy of nobody').readUInt32BE(0);
    return (this.#decoys.find(({ upTo }) => place < upTo) ?? this.#decoys.at(-1))?.hash;
  }
}

export interface KeepDecoysOptions {
  readonly openScope: () => DataScope;
  readonly lifecycle: Pick<Lifecycle, 'defer'>;
  readonly logger: Logger;
}

/** Imitates what is stored, and again from time to time: hashes are replaced as people sign in. */
export async function keepDecoys(decoys: Decoys, { openScope, lifecycle, logger }: KeepDecoysOptions): Promise<void> {
  const imitate = async (): Promise<void> => decoys.imitate(await readHashKinds(openScope()));
  await imitate();
  const again = (): void =>
    void imitate().catch((error: unknown) =>
      logger.warn({ err: error }, 'kinds of password hashes were not read again'),
    );
  const timer = setInterval(again, imitatedForMs);
  timer.unref();
  lifecycle.defer('decoys', () => clearInterval(timer));
}

/** Reads what kinds of hashes there are, of a sample where there are many. */
export async function readHashKinds(scope: DataScope): Promise<readonly HashKind[]> {
  try {
    return await scope.read(async (entityManager) => {
      const query = sqlOf(entityManager);
      const [table] = await query<{ readonly rows: number }>(
        `select reltuples::float8 as rows from pg_class where oid = 'password'::regclass`,
      );
      const percent = Math.min(100, (100 * sampleSize) / Math.max(1, table?.rows ?? 1));
      return query<HashKind>(
        `select substring(hash from '\\$m=(\\d+)')::int as "memoryKiB", substring(hash from '[,$]t=(\\d+)')::int as passes,
           substring(hash from '^\\$2[aby]\\$(\\d\\d)\\$')::int as "bcryptCost", count(*)::int as count
         from password tablesample system ($1) group by 1, 2, 3 order by 1, 2, 3`,
        [percent],
      );
    });
  } finally {
    scope.close();
  }
}

/** @returns undefined for what we make no hashes of */
async function makeDecoy({ memoryKiB, passes, bcryptCost }: HashKind): Promise<string | undefined> {
  const nobodysPassword = randomBytes(32);
  if (bcryptCost !== null) return hashBcrypt(nobodysPassword, { cost: bcryptCost });
  if (memoryKiB === null || passes === null) return undefined;
  return hash(nobodysPassword, { memoryCost: memoryKiB, timeCost: passes, parallelism: 1 });
}
