import { AppError } from '../errors/index.js';
import { NetworkLists } from './networks.js';
import type { SecurityPolicy } from './policy.js';

/** Why a policy refuses somebody, as `details.reason` says it. */
export type PolicyReason =
  'MFA_REQUIRED' | 'SIGN_IN_WAY_NOT_ALLOWED' | 'ADDRESS_NOT_ALLOWED' | 'SESSION_TOO_OLD' | 'SESSION_IDLE';

/** How a session's person proved who they are. */
export interface SessionProof {
  /** How the session was opened; null where that was not written down yet. */
  readonly way: string | null;
  /** Whether a second factor was shown, or a passkey. */
  readonly hasMfa: boolean;
  /** Milliseconds since the epoch, of the last proof. */
  readonly provenAtMs: number;
  /** The longest that the session went without being refreshed since then. */
  readonly longestGapSeconds: number;
}

/**
 * What speaks against a session acting in a tenant, whatever address it comes from.
 *
 * @param nowMs milliseconds since the epoch
 * @returns `FORBIDDEN`, or `UNAUTHENTICATED` where proving again who one is helps; with the reason in its details
 */
export function sessionRefusal(policy: SecurityPolicy, proof: SessionProof, nowMs: number): AppError | undefined {
  const { isMfaRequired, maxSessionMinutes, maxIdleMinutes, signInWays } = policy;
  if (signInWays.length > 0 && !isAllowedWay(signInWays, proof.way)) {
    return refusal('FORBIDDEN', 'SIGN_IN_WAY_NOT_ALLOWED', `sign in another way: ${signInWays.join(', ')}`, {
      allowed: [...signInWays],
    });
  }
  if (isMfaRequired && !proof.hasMfa) {
    const advice = 'sign in with a passkey, or set up an authenticator app and show its code';
    return refusal('FORBIDDEN', 'MFA_REQUIRED', advice, { accepted: ['totp', 'passkey'] });
  }
  if (maxSessionMinutes !== null && proof.provenAtMs + maxSessionMinutes * 60_000 <= nowMs) {
    return refusal('UNAUTHENTICATED', 'SESSION_TOO_OLD', 'authenticate again, then refresh', { maxSessionMinutes });
  }
  if (maxIdleMinutes !== null && proof.longestGapSeconds > maxIdleMinutes * 60) {
    return refusal('UNAUTHENTICATED', 'SESSION_IDLE', 'authenticate again, then refresh', { maxIdleMinutes });
  }
  return undefined;
}

/**
 * What speaks against a caller's address.
 *
 * @param address as the gateway counts it; undefined where it is not known
 * @param lists who asks often has some to keep
 * @returns `FORBIDDEN` with the reason in its details
 */
export function addressRefusal(
  { networks }: SecurityPolicy,
  address: string | undefined,
  lists = new NetworkLists(),
): AppError | undefined {
  if (networks.length === 0 || (address !== undefined && lists.has(networks, address))) return undefined;
  return refusal('FORBIDDEN', 'ADDRESS_NOT_ALLOWED', 'come from one of its networks', {
    ...(address !== undefined && { address }),
  });
}

/**
 * How long an access token may be good: who does not refresh it within the idle time is known to have been idle.
 *
 * @returns seconds; Infinity where the policy does not care
 */
export function tokenSecondsWithin(policy: SecurityPolicy, { provenAtMs }: SessionProof, nowMs: number): number {
  const { maxSessionMinutes, maxIdleMinutes } = policy;
  const idle = maxIdleMinutes === null ? Infinity : Math.max(60, maxIdleMinutes * 30);
  const left = maxSessionMinutes === null ? Infinity : (provenAtMs - nowMs) / 1_000 + maxSessionMinutes * 60;
  return Math.max(0, Math.floor(Math.min(idle, left)));
}

function isAllowedWay(ways: readonly string[], way: string | null): boolean {
  if (way === null) return false;
  return ways.includes(way) || (way.startsWith('oidc:') && ways.includes('oidc'));
}

function refusal(
  code: 'FORBIDDEN' | 'UNAUTHENTICATED',
  reason: PolicyReason,
  advice: string,
  details: Readonly<Record<string, unknown>>,
): AppError {
  return new AppError(code, `The tenant’s security policy does not let this in: ${advice}`, {
    details: { reason, ...details },
  });
}
