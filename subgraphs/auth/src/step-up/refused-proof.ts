import type { AuditNote } from '@tessera/service/audit';
import type { SignInAttempt } from '../defence/sign-in-throttle.js';

/** What the log says of a wrong password that was shown within a session, and of the wait that it begins. */
export function refusedProof(action: string, { waitSeconds }: SignInAttempt): AuditNote {
  return { action, outcome: 'denied', ...(waitSeconds !== undefined && { details: { waitSeconds } }) };
}
