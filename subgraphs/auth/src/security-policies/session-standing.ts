import type { AppError } from '@tessera/service/errors';
import {
  addressRefusal,
  hasRules,
  securityPolicySchema,
  sessionRefusal,
  tokenSecondsWithin,
  type SessionProof,
} from '@tessera/service/security-policy';

/** What a session has to show for the policy of its tenant. */
export interface SessionStanding {
  readonly signInWay: string | null;
  readonly showedMfa: boolean;
  /** Seconds since the epoch. */
  readonly provenAtSeconds: number;
  readonly longestGapSeconds: number;
  /** As it is stored; null for a tenant that has never said anything, and for a session in no tenant. */
  readonly policy: unknown;
}

/** The columns of a {@link SessionStanding}, of the session and its active tenant. */
export const standingColumns = `session.sign_in_way as "signInWay", session.showed_mfa as "showedMfa",
  extract(epoch from session.authenticated_at)::float8 as "provenAtSeconds",
  session.longest_gap_seconds as "longestGapSeconds",
  (select policy from tenant_policy where tenant_policy.tenant_id = session.tenant_id) as policy`;

/** That of somebody who has just proved who they are, in no tenant. */
export const newStanding = (signInWay: string | null, showedMfa: boolean): SessionStanding => ({
  signInWay,
  showedMfa,
  provenAtSeconds: Date.now() / 1_000,
  longestGapSeconds: 0,
  policy: null,
});

/** How a session stands with its tenant's policy. */
export interface Verdict {
  readonly refusal: AppError | undefined;
  /** Whether the tenant asks for anything. */
  readonly isPolicied: boolean;
  /** The longest that its access token may be good. */
  readonly tokenSeconds: number;
}

/** @param nowMs milliseconds since the epoch */
export function judgeStanding(standing: SessionStanding, nowMs: number): Verdict {
  if (standing.policy === null) return { refusal: undefined, isPolicied: false, tokenSeconds: Infinity };
  const policy = securityPolicySchema.parse(standing.policy);
  const proof = proofOf(standing);
  return {
    refusal: sessionRefusal(policy, proof, nowMs),
    isPolicied: hasRules(policy),
    tokenSeconds: tokenSecondsWithin(policy, proof, nowMs),
  };
}

export function proofOf(standing: Omit<SessionStanding, 'policy'>): SessionProof {
  const { signInWay, showedMfa, provenAtSeconds, longestGapSeconds } = standing;
  return { way: signInWay, hasMfa: showedMfa, provenAtMs: provenAtSeconds * 1_000, longestGapSeconds };
}

/**
 * Stops a session, inside the transaction that makes a tenant its active one, where the tenant's policy does not let it in.
 *
 * @param address of the client, as the gateway counts it
 * @throws AppError as the policy refuses; `details.reason` says why
 */
export function assertMayEnter(standing: SessionStanding, address: string | undefined): void {
  if (standing.policy === null) return;
  const policy = securityPolicySchema.parse(standing.policy);
  const refusal = addressRefusal(policy, address) ?? judgeStanding(standing, Date.now()).refusal;
  if (refusal !== undefined) throw refusal;
}
