import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  accessTokenAudience,
  accessTokenIssuer,
  accessTokenType,
  type AccessTokenAlgorithm,
  type AccessTokenClaims,
} from '@tessera/service/identity';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';

export interface TokenOptions {
  /** Default 60. */
  readonly lifetimeSeconds?: number;
  readonly audience?: string;
  readonly issuer?: string;
  readonly type?: string;
}

/** Issues access tokens as the auth subgraph does, and publishes its keys over HTTP. */
export interface TokenIssuer {
  readonly jwksUrl: string;
  /** How often the keys were asked for. */
  fetches(): number;
  issue(claims?: Partial<AccessTokenClaims>, options?: TokenOptions): Promise<string>;
  /** Signs with a new key from now on, and publishes it beside the old ones. */
  rotate(): Promise<void>;
  close(): Promise<void>;
}

/** The claims of somebody new. */
export function someClaims(claims: Partial<AccessTokenClaims> = {}): AccessTokenClaims {
  return { sub: randomUUID(), sid: randomUUID(), roles: ['USER'], scope: '', rv: 0, ...claims };
}

/** Starts an issuer with one key. */
export async function startTokenIssuer(algorithm: AccessTokenAlgorithm = 'ES256'): Promise<TokenIssuer> {
  const published: JWK[] = [];
  let signing: { readonly kid: string; readonly key: CryptoKey };
  let fetches = 0;

  const rotate = async (): Promise<void> => {
    const { privateKey, publicKey } = await generateKeyPair(algorithm);
    const kid = randomUUID();
    published.push({ ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' });
    signing = { kid, key: privateKey };
  };
  await rotate();

  const server = createServer((_request, response) => {
    fetches += 1;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: published }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    jwksUrl: `http://127.0.0.1:${port}/.well-known/jwks.json`,
    fetches: () => fetches,
    rotate,
    async issue(claims = {}, options = {}) {
      const { lifetimeSeconds = 60, audience = accessTokenAudience, issuer = accessTokenIssuer } = options;
      const nowSeconds = Math.floor(Date.now() / 1_000);
      return new SignJWT({ ...someClaims(claims) })
        .setProtectedHeader({ alg: algorithm, kid: signing.kid, typ: options.type ?? accessTokenType })
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(nowSeconds)
        .setExpirationTime(nowSeconds + lifetimeSeconds)
        .sign(signing.key);
    },
    async close() {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
