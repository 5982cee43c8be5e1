import { toAuditRecord, type AuditedCaller, type AuditRecord } from '@tessera/service/audit';
import type { Proven } from '../sessions/open-session.js';

/** What the log says of a sign-in. Who signs in is anonymous until then: it names who they have become. */
export function openedRecord(
  caller: AuditedCaller,
  { userId, methods }: Proven,
  sessionId: string,
  isNewDevice: boolean,
): AuditRecord {
  const details = { methods: [...methods], ...(isNewDevice && { isNewDevice }) };
  const record = toAuditRecord(caller, { action: 'session.opened', details });
  return { ...record, actorKind: 'user', actorId: userId, sessionId };
}
