import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { sqlOf } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import { recordAudit } from '../audit/record-audit.js';
import type { Hooks } from './hooks.js';

/** Who wants to sign up. */
export interface WouldBePerson {
  readonly email: string;
  readonly displayName: string;
  readonly locale: string | null;
  /** The identity provider they come from; null for who chose a password. */
  readonly provider: string | null;
}

export interface AskBeforeSignUpOptions {
  readonly hooks: Hooks;
  readonly openScope: () => DataScope;
}

/**
 * Asks whether somebody may sign up. Before anything is known about the address, so that the answer tells nothing of that, and
 * outside of any transaction, for it takes as long as somebody else takes.
 *
 * @throws AppError `FORBIDDEN` where that is refused, `SUBGRAPH_UNAVAILABLE` where who must answer does not
 */
export async function askBeforeSignUp(
  { hooks, openScope }: AskBeforeSignUpOptions,
  caller: AuditedCaller,
  who: WouldBePerson,
): Promise<void> {
  const { address = null, country = null, city = null, userAgent = null } = caller.client;
  const refusal = await hooks.ask('signUp', { ...who, address, country, city, userAgent });
  if (refusal === undefined) return;
  const note = { action: 'account.created', outcome: 'denied', details: { method: 'hook' } } as const;
  await openScope().write((entityManager) => recordAudit(sqlOf(entityManager), toAuditRecord(caller, note)));
  throw refusal;
}
