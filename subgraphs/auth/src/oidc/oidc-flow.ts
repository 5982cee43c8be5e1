import { createHash, randomBytes } from 'node:crypto';
import type { RunSql } from '@tessera/service/database';
import { randomNonce, randomPKCECodeVerifier, randomState } from 'openid-client';
import { z } from 'zod';
import type { Seal } from '../keys/seal.js';
import type { FlowSecrets } from './oidc-client.js';

/** Seconds in which a person must come back. */
const lifetimeSeconds = 10 * 60;
const flowIdPattern = /^[\w-]{43}$/;
const secretsSchema = z.object({ state: z.string(), nonce: z.string(), codeVerifier: z.string() });

/** A way to a provider and back, begun. */
export interface StartedFlow {
  /**
   * What the browser that began keeps, apart from the URL: an answer that somebody else began (login CSRF, RFC 9700, 4.7) finds
   * no such thing in it.
   */
  readonly flowId: string;
  readonly expiresAt: Date;
}

export interface FlowTarget {
  readonly providerId: string;
  readonly redirectUri: string;
  /** Whom to link the identity to; undefined for a sign-in. */
  readonly userId: string | undefined;
}

/** A flow that is being finished. */
export interface TakenFlow extends Omit<FlowTarget, 'userId'> {
  readonly secrets: FlowSecrets;
}

export const createFlowSecrets = (): FlowSecrets => ({
  state: randomState(),
  nonce: randomNonce(),
  codeVerifier: randomPKCECodeVerifier(),
});

const hashOf = (flowId: string): Buffer => createHash('sha256').update(flowId).digest();
const purposeOf = (hash: Buffer): string => `oidc flow ${hash.toString('base64url')}`;

/** Flows are rows, so that any instance finishes what another one began. */
export class OidcFlows {
  constructor(private readonly seal: Seal) {}

  async start(query: RunSql, target: FlowTarget, secrets: FlowSecrets): Promise<StartedFlow> {
    const { providerId, redirectUri, userId } = target;
    const flowId = randomBytes(32).toString('base64url');
    const hash = hashOf(flowId);
    const rows = await query<{ readonly expiresAt: Date }>(
      `insert into oidc_flow (flow_hash, provider_id, redirect_uri, sealed_secrets, user_id, expires_at)
       values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6)) returning expires_at as "expiresAt"`,
      [
        hash,
        providerId,
        redirectUri,
        this.seal.close(JSON.stringify(secrets), purposeOf(hash)),
        userId ?? null,
        lifetimeSeconds,
      ],
    );
    return { flowId, expiresAt: new Date(rows[0]?.expiresAt ?? 0) };
  }

  /**
   * Uses a flow up, before the provider is asked: an answer that comes twice is worth nothing the second time.
   *
   * @param userId who links an identity; undefined for a sign-in: a flow for one is never good for the other
   */
  async take(query: RunSql, flowId: string, userId: string | undefined): Promise<TakenFlow | undefined> {
    if (!flowIdPattern.test(flowId)) return undefined;
    const hash = hashOf(flowId);
    const [row] = await query<{ providerId: string; redirectUri: string; sealedSecrets: string }>(
      `update oidc_flow set used_at = now()
       where flow_hash = $1 and used_at is null and expires_at > now() and user_id is not distinct from $2::uuid
       returning provider_id as "providerId", redirect_uri as "redirectUri", sealed_secrets as "sealedSecrets"`,
      [hash, userId ?? null],
    );
    if (row === undefined) return undefined;
    const { providerId, redirectUri, sealedSecrets } = row;
    const secrets = secretsSchema.parse(JSON.parse(this.seal.open(sealedSecrets, purposeOf(hash))));
    return { providerId, redirectUri, secrets };
  }
}
