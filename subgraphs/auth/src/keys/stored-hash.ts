import { ConfigError, type Secrets } from '@tessera/service/config';
import { sqlOf, type RunSql } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import { createKeyedHash, deriveHashKey, type KeyedHash } from './keyed-hash.js';
import type { Seal } from './seal.js';

const purpose = 'hash key';

export interface StoredHashOptions {
  readonly openScope: () => DataScope;
  readonly seal: Seal;
  readonly secrets: Secrets;
}

/**
 * A hash for what outlives every secret, as recovery codes do: nobody can hash them again, so their key stays the same. It is kept
 * in the database, sealed, and made of the secret where there is none yet.
 *
 * @throws ConfigError where no secret opens it, so that an instance without the right one does not start
 */
export async function openStoredHash({ openScope, seal, secrets }: StoredHashOptions): Promise<KeyedHash> {
  const sealedKey = await openScope().write(async (entityManager) => {
    const query = sqlOf(entityManager);
    return (await findSealedKey(query)) ?? makeSealedKey(query, seal, secrets);
  });
  try {
    return createKeyedHash(Buffer.from(seal.open(sealedKey, purpose), 'base64url'));
  } catch {
    throw new ConfigError([
      'KEY_ENCRYPTION_SECRET: is not the one with which the database is sealed; while that is replaced, both are needed',
    ]);
  }
}

/** Seals the key with the first secret, where it is not yet. */
export async function renewStoredHash(openScope: () => DataScope, seal: Seal): Promise<void> {
  await openScope().write(async (entityManager) => {
    const query = sqlOf(entityManager);
    const sealedKey = await findSealedKey(query);
    const renewed = sealedKey && seal.renew(sealedKey, purpose);
    if (renewed !== undefined) {
      await query('update hash_key set sealed_key = $2 where sealed_key = $1', [sealedKey, renewed]);
    }
  });
}

async function makeSealedKey(query: RunSql, seal: Seal, secrets: Secrets): Promise<string> {
  const [hashed] = await query('select 1 from recovery_code limit 1');
  if (hashed !== undefined && secrets.length > 1) {
    throw new ConfigError([
      'KEY_ENCRYPTION_SECRET: must be the one secret used until now when this version starts for the first time',
    ]);
  }
  const made = seal.close(deriveHashKey(secrets[0]).toString('base64url'), purpose);
  await query('insert into hash_key (sealed_key) values ($1) on conflict do nothing', [made]);
  // Another instance may have been faster.
  return (await findSealedKey(query)) ?? made;
}

async function findSealedKey(query: RunSql): Promise<string | undefined> {
  const [row] = await query<{ readonly sealedKey: string }>('select sealed_key as "sealedKey" from hash_key');
  return row?.sealedKey;
}
