import { createHash, randomBytes } from 'node:crypto';
import type { RunSql } from '@tessera/service/database';
import type { AuthenticationMethod } from './authentication-method.js';

/** Seconds in which the second factor must come. */
const lifetimeSeconds = 5 * 60;
const maxTries = 5;
const tokenPattern = /^[\w-]{43}$/;

/** A sign-in that waits for its second factor. */
export interface SignInChallenge {
  /** 256 random bits; only their hash is stored. */
  readonly challengeId: string;
  readonly expiresAt: Date;
}

/** What a challenge remembers of the first factor. */
export interface ChallengedSignIn {
  readonly userId: string;
  readonly methods: readonly AuthenticationMethod[];
  /** Of the identity provider, where that was it. */
  readonly providerId?: string | undefined;
}

const hashOf = (challengeId: string): Buffer => createHash('sha256').update(challengeId).digest();

/** Remembers in the caller's transaction that the first factor was right. */
export async function createChallenge(
  query: RunSql,
  { userId, methods, providerId }: ChallengedSignIn,
): Promise<SignInChallenge> {
  const challengeId = randomBytes(32).toString('base64url');
  const rows = await query<{ readonly expiresAt: Date }>(
    `insert into sign_in_challenge (token_hash, user_id, methods, expires_at, provider_id)
     values ($1, $2, $3, now() + make_interval(secs => $4), $5) returning expires_at as "expiresAt"`,
    [hashOf(challengeId), userId, methods, lifetimeSeconds, providerId ?? null],
  );
  const expiresAt = rows[0]?.expiresAt ?? new Date();
  return { challengeId, expiresAt: new Date(expiresAt) };
}

/** Counts a try at a challenge. @returns undefined for one that is unknown, over, used, or was tried too often */
export async function tryChallenge(query: RunSql, challengeId: string): Promise<ChallengedSignIn | undefined> {
  if (!tokenPattern.test(challengeId)) return undefined;
  const [challenged] = await query<ChallengedSignIn & { readonly providerId: string | null }>(
    `update sign_in_challenge set tries = tries + 1
     where token_hash = $1 and used_at is null and expires_at > now() and tries < $2
     returning user_id as "userId", methods, provider_id as "providerId"`,
    [hashOf(challengeId), maxTries],
  );
  return challenged && { ...challenged, providerId: challenged.providerId ?? undefined };
}

/** Uses a challenge up, in the transaction that tried it. */
export async function useChallenge(query: RunSql, challengeId: string): Promise<void> {
  await query('update sign_in_challenge set used_at = now() where token_hash = $1', [hashOf(challengeId)]);
}
