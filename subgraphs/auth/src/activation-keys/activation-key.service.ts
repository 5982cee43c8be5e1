import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { sqlOf, type RunSql } from '@tessera/service/database';
import { AppError, notFound } from '@tessera/service/errors';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import { requireOneself, requirePermission, requireUser } from '@tessera/service/identity';
import { keyRedeemedEventType, type DataScope, type KeyRedeemed } from '@tessera/service/tenancy';
import { recordAudit } from '../audit/record-audit.js';
import { hashActivationCode } from './activation-code.js';

/** What can be done with a key. */
export type ActivationKeyState = 'ISSUED' | 'ACTIVATED' | 'EXPIRED' | 'REVOKED';

/** What a key is good for, as far as the caller may know. */
export interface ActivationKey {
  readonly state: ActivationKeyState;
  readonly plan: string;
  readonly termDays: number | null;
  readonly validUntil: Date | null;
  readonly activatedAt: Date | null;
}

interface KeyRow extends Omit<ActivationKey, 'activatedAt' | 'validUntil'> {
  readonly id: string;
  readonly tenantId: string | null;
  /** Milliseconds since the epoch. */
  readonly redeemedAtMs: number | null;
  readonly validUntilMs: number | null;
}

/** Redeeming activation keys. A key belongs to no tenant until then, so the service itself looks at it. */
export class ActivationKeyService {
  constructor(private readonly serviceScope: () => DataScope) {}

  /**
   * Redeems a key for the active tenant: once, however many try at once. The plan comes by an event that commits with it.
   * The same tenant may repeat it, for the answer may have got lost; nothing is redeemed twice.
   *
   * @throws AppError `NOT_FOUND` for what is no key, `CONFLICT` for one that is used, `PRECONDITION_FAILED` for one that has
   *   expired or was taken back
   */
  async activate(caller: AuditedCaller, typed: string): Promise<ActivationKey> {
    requireOneself(caller.principal);
    const { tenantId, userId } = requirePermission(caller.principal, 'tenant:manage');
    const hash = hashOf(typed);
    return this.serviceScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      // Who comes second waits here for the row, and then finds it redeemed.
      const [redeemed] = await query<KeyRow>(
        `update activation_key set redeemed_at = clock_timestamp(), redeemed_by = $2, tenant_id = $3
         from activation_batch batch
         where code_hash = $1 and batch.id = batch_id and redeemed_at is null and batch.revoked_at is null
           and (batch.valid_until is null or batch.valid_until > now())
         returning ${columns}`,
        [hash, userId, tenantId],
      );
      if (redeemed === undefined) return this.#explain(query, hash, tenantId);
      const { id: keyId, plan, termDays } = redeemed;
      const payload: KeyRedeemed = { keyId, plan, termDays, redeemedBy: userId };
      await appendToOutbox(query, [
        createDomainEvent({ type: keyRedeemedEventType, tenantId, payload: { ...payload } }),
      ]);
      const details = { plan, termDays };
      const note = { action: 'activationKey.redeemed', targetType: 'ActivationKey', targetId: keyId, details };
      await recordAudit(query, toAuditRecord(caller, note), { tenantId });
      return toKey(redeemed, tenantId);
    });
  }

  /** What a key is good for. Whoever has it may ask. @throws AppError `NOT_FOUND` for what is no key */
  async status({ principal }: Pick<AuditedCaller, 'principal'>, typed: string): Promise<ActivationKey> {
    const { tenantId } = requireUser(principal);
    const hash = hashOf(typed);
    const scope = this.serviceScope();
    try {
      const row = await scope.read((entityManager) => find(sqlOf(entityManager), hash));
      return toKey(row, tenantId);
    } finally {
      scope.close();
    }
  }

  /** Why a key could not be redeemed; no reason where this very tenant has redeemed it. */
  async #explain(query: RunSql, hash: Buffer, tenantId: string): Promise<ActivationKey> {
    const row = await find(query, hash);
    if (row.tenantId === tenantId) return toKey(row, tenantId);
    if (row.redeemedAtMs !== null) throw new AppError('CONFLICT', 'The activation key is used already');
    throw new AppError(
      'PRECONDITION_FAILED',
      row.state === 'REVOKED' ? 'The activation key was taken back' : 'The activation key has expired',
    );
  }
}

const columns = `activation_key.id, activation_key.tenant_id as "tenantId", (extract(epoch from redeemed_at) * 1000)::float8 as "redeemedAtMs",
  batch.plan, batch.term_days as "termDays", (extract(epoch from batch.valid_until) * 1000)::float8 as "validUntilMs",
  case when redeemed_at is not null then 'ACTIVATED' when batch.revoked_at is not null then 'REVOKED'
       when batch.valid_until <= now() then 'EXPIRED' else 'ISSUED' end as state`;

async function find(query: RunSql, hash: Buffer): Promise<KeyRow> {
  const [row] = await query<KeyRow>(
    `select ${columns} from activation_key join activation_batch batch on batch.id = batch_id where code_hash = $1`,
    [hash],
  );
  if (row === undefined) throw notFound('Activation key');
  return row;
}

function hashOf(typed: string): Buffer {
  const hash = hashActivationCode(typed);
  if (hash === undefined) throw notFound('Activation key');
  return hash;
}

function toKey({ state, plan, termDays, validUntilMs, redeemedAtMs, tenantId }: KeyRow, own?: string): ActivationKey {
  const isOwn = tenantId !== null && tenantId === own;
  const dateOf = (timeMs: number | null): Date | null => (timeMs === null ? null : new Date(timeMs));
  return { state, plan, termDays, validUntil: dateOf(validUntilMs), activatedAt: isOwn ? dateOf(redeemedAtMs) : null };
}
