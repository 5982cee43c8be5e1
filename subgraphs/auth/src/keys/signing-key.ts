import { newId } from '@tessera/service/database';
import { exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose';
import type { KeyVault } from './key-vault.js';
import { SigningKeyEntity } from './signing-key.entity.js';

/** A key ready to sign. */
export interface SigningKey {
  readonly id: string;
  readonly algorithm: string;
  readonly privateKey: CryptoKey;
}

const algorithm = 'EdDSA';

/** Makes a new Ed25519 key pair; its private half leaves this function only sealed. */
export async function generateSigningKey(vault: KeyVault, now: Date, signsFrom: Date = now): Promise<SigningKeyEntity> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { crv: 'Ed25519', extractable: true });
  const id = newId();
  return Object.assign(new SigningKeyEntity(), {
    id,
    algorithm,
    publicJwk: { ...(await exportJWK(publicKey)), kid: id, alg: algorithm, use: 'sig' },
    sealedPrivateJwk: await vault.close(JSON.stringify(await exportJWK(privateKey)), purposeOf(id)),
    createdAt: now,
    signsFrom,
  });
}

/** @throws Error naming the setting that is wrong where the stored key does not open */
export async function openSigningKey(vault: KeyVault, entity: SigningKeyEntity): Promise<SigningKey> {
  const { id, algorithm, sealedPrivateJwk } = entity;
  const privateKey = await importJWK(await openJwk(vault, id, sealedPrivateJwk), algorithm);
  if (privateKey instanceof Uint8Array) throw new Error(`Signing key ${id} is not an asymmetric key`);
  return { id, algorithm, privateKey };
}

async function openJwk(vault: KeyVault, id: string, sealed: string): Promise<JWK> {
  try {
    return JSON.parse(await vault.open(sealed, purposeOf(id))) as JWK;
  } catch (error) {
    throw new Error(
      `Signing key ${id} does not open: KEY_ENCRYPTION_SECRET, or the key service at KMS_URL, is not the one it was sealed with`,
      {
        cause: error,
      },
    );
  }
}

const purposeOf = (keyId: string): string => `signing key ${keyId}`;
