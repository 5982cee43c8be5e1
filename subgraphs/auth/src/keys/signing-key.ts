import { createPrivateKey, generateKeyPair, generateKeyPairSync, type KeyObject, type webcrypto } from 'node:crypto';
import { promisify } from 'node:util';
import { newId } from '@tessera/service/database';
import type { AccessTokenAlgorithm } from '@tessera/service/identity';
import type { KeyVault } from './key-vault.js';
import { SigningKeyEntity } from './signing-key.entity.js';

/** A key ready to sign. */
export interface SigningKey {
  readonly id: string;
  readonly algorithm: string;
  readonly privateKey: KeyObject;
}

export interface NewSigningKey {
  readonly algorithm: AccessTokenAlgorithm;
  readonly createdAt: Date;
  readonly signsFrom: Date;
}

/** Makes a new key pair; its private half leaves this function only sealed. */
export async function generateSigningKey(
  vault: KeyVault,
  { algorithm, createdAt, signsFrom }: NewSigningKey,
): Promise<SigningKeyEntity> {
  const { publicKey, privateKey } = await makePair(algorithm);
  const id = newId();
  return Object.assign(new SigningKeyEntity(), {
    id,
    algorithm,
    publicJwk: { ...publicKey.export({ format: 'jwk' }), kid: id, alg: algorithm, use: 'sig' },
    sealedPrivateJwk: await vault.close(JSON.stringify(privateKey.export({ format: 'jwk' })), signingKeyPurpose(id)),
    createdAt,
    signsFrom,
  });
}

/** RSA of 2,048 bits is good enough until 2030 (NIST SP 800-57, 5.6.3), and its keys live for weeks; making one takes a while. */
async function makePair(
  algorithm: AccessTokenAlgorithm,
): Promise<{ readonly publicKey: KeyObject; readonly privateKey: KeyObject }> {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519');
  return promisify(generateKeyPair)('rsa', { modulusLength: 2_048 });
}

/** @throws Error naming the setting that is wrong where the stored key does not open */
export async function openSigningKey(vault: KeyVault, entity: SigningKeyEntity): Promise<SigningKey> {
  const { id, algorithm, sealedPrivateJwk } = entity;
  const privateKey = createPrivateKey({ key: await openJwk(vault, id, sealedPrivateJwk), format: 'jwk' });
  return { id, algorithm, privateKey };
}

async function openJwk(vault: KeyVault, id: string, sealed: string): Promise<webcrypto.JsonWebKey> {
  try {
    return JSON.parse(await vault.open(sealed, signingKeyPurpose(id))) as webcrypto.JsonWebKey;
  } catch (error) {
    throw new Error(
      `Signing key ${id} does not open: KEY_ENCRYPTION_SECRET, or the key service at KMS_URL, is not the one it was sealed with`,
      {
        cause: error,
      },
    );
  }
}

export const signingKeyPurpose = (keyId: string): string => `signing key ${keyId}`;
