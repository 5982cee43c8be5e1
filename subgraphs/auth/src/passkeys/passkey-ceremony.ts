import { createHash, randomBytes } from 'node:crypto';
import type { RunSql } from '@tessera/service/database';

/** Seconds in which the authenticator must answer. */
export const ceremonySeconds = 5 * 60;
const idPattern = /^[\w-]{43}$/;

/** A question to an authenticator, asked and not answered yet. */
export interface StartedCeremony {
  readonly ceremonyId: string;
  readonly expiresAt: Date;
}

const hashOf = (ceremonyId: string): Buffer => createHash('sha256').update(ceremonyId).digest();

/**
 * Remembers a question, in a row: any instance takes the answer.
 *
 * @param userId who registers a passkey; undefined for a sign-in: a question for one is never good for the other
 */
export async function startCeremony(
  query: RunSql,
  challenge: string,
  userId: string | undefined,
): Promise<StartedCeremony> {
  const ceremonyId = randomBytes(32).toString('base64url');
  const rows = await query<{ readonly expiresAt: Date }>(
    `insert into passkey_ceremony (ceremony_hash, challenge, user_id, expires_at)
     values ($1, $2, $3, now() + make_interval(secs => $4)) returning expires_at as "expiresAt"`,
    [hashOf(ceremonyId), challenge, userId ?? null, ceremonySeconds],
  );
  return { ceremonyId, expiresAt: new Date(rows[0]?.expiresAt ?? 0) };
}

/** Uses a question up, before its answer is looked at. @returns its challenge, undefined for one that is over or another's */
export async function takeCeremony(
  query: RunSql,
  ceremonyId: string,
  userId: string | undefined,
): Promise<string | undefined> {
  if (!idPattern.test(ceremonyId)) return undefined;
  const [taken] = await query<{ readonly challenge: string }>(
    `update passkey_ceremony set used_at = now()
     where ceremony_hash = $1 and used_at is null and expires_at > now() and user_id is not distinct from $2::uuid
     returning challenge`,
    [hashOf(ceremonyId), userId ?? null],
  );
  return taken?.challenge;
}
