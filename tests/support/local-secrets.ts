import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Secrets } from '@tessera/local/data-directory';
import { createSeal } from '@tessera/auth/keys/seal';
import { importJWK, SignJWT, type JWK, type JWTPayload } from 'jose';
import type { LocalMode } from './local-mode.js';
import { runSql } from './postgres-server.js';

/** The secrets of a local mode, as whoever owns its machine could read them. */
export async function readLocalSecrets({ dataDirectory }: LocalMode): Promise<Secrets> {
  return JSON.parse(await readFile(join(dataDirectory, 'secrets.json'), 'utf8')) as Secrets;
}

/** Runs SQL as superuser in one database of a local mode's PostgreSQL. */
export async function runLocalSql(local: LocalMode, database: string, statement: string) {
  const secrets = await readLocalSecrets(local);
  const lines = (await readFile(join(local.dataDirectory, 'postgres/postmaster.pid'), 'utf8')).split('\n');
  return runSql(`postgres://postgres:${secrets.database}@127.0.0.1:${lines[3]}/${database}`, statement);
}

/** Signs claims with the key that auth signs with, so that everything but the times is right. */
export async function signAsAuth(
  local: LocalMode,
  claims: JWTPayload,
  { issuedAt, expiresAt }: { readonly issuedAt: string; readonly expiresAt: string },
): Promise<string> {
  const { keyEncryption } = await readLocalSecrets(local);
  const [key] = await runLocalSql(
    local,
    'tessera_auth',
    'select id, algorithm, sealed_private_jwk from signing_key order by created_at limit 1',
  );
  const id = String(key?.['id']);
  const algorithm = String(key?.['algorithm']);
  const jwk = createSeal([keyEncryption]).open(String(key?.['sealed_private_jwk']), `signing key ${id}`);
  return new SignJWT(claims)
    .setProtectedHeader({ alg: algorithm, kid: id, typ: 'at+jwt' })
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(await importJWK(JSON.parse(jwk) as JWK, algorithm));
}
