import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { findPage, isId, newId, sqlOf, type Page, type PageArguments, type RunSql } from '@tessera/service/database';
import { AppError, notFound, parseInput } from '@tessera/service/errors';
import { requireSuperAdmin, type Principal } from '@tessera/service/identity';
import { plainTextSchema } from '@tessera/service/plain-text';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { recordAudit } from '../audit/record-audit.js';
import { createServiceReader } from '../service-reader.js';
import { ActivationBatchEntity } from './activation-batch.entity.js';
import { createActivationCode, hashActivationCode } from './activation-code.js';

const maxKeys = 1_000;
const maxTermDays = 36_500;

const issueSchema = z.object({
  name: plainTextSchema(100),
  plan: z.string().min(1).max(63),
  count: z.number().int().min(1).max(maxKeys),
  termDays: z.number().int().min(1).max(maxTermDays).nullish(),
  validUntil: z.date().nullish(),
});

export interface ListedBatch {
  readonly batch: ActivationBatchEntity;
  readonly activatedCount: number;
}

/** A batch, and its keys this one time. */
export interface IssuedKeys extends ListedBatch {
  readonly codes: readonly string[];
}

export interface ActivationBatchOptions {
  readonly serviceScope: () => DataScope;
  /** Whether the tenant subgraph knows a plan. */
  readonly hasPlan: (principal: Principal, plan: string) => Promise<boolean>;
  readonly now?: () => Date;
}

/** Issuing activation keys: the platform's business, outside of any tenant. */
export class ActivationBatchService {
  readonly #options: ActivationBatchOptions;
  readonly #now: () => Date;

  constructor(options: ActivationBatchOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /** @throws AppError `FORBIDDEN` for who does not run the platform, `BAD_USER_INPUT` for a plan that does not exist */
  async issue(caller: AuditedCaller, input: unknown): Promise<IssuedKeys> {
    const { userId: createdBy } = requireSuperAdmin(caller.principal);
    const { name, plan, count, termDays = null, validUntil = null } = parseInput(issueSchema, input);
    const createdAt = this.#now();
    if (validUntil !== null && validUntil <= createdAt) {
      throw new AppError('BAD_USER_INPUT', 'validUntil is over already');
    }
    if (!(await this.#options.hasPlan(caller.principal, plan))) {
      throw new AppError('BAD_USER_INPUT', `There is no plan ${JSON.stringify(plan)}`);
    }
    const properties = { id: newId(), name, plan, termDays, keyCount: count, validUntil, createdBy, createdAt };
    const batch = Object.assign(new ActivationBatchEntity(), properties);
    const codes = Array.from({ length: count }, createActivationCode);
    await this.#options.serviceScope().write(async (entityManager) => {
      entityManager.persist(batch);
      await entityManager.flush();
      const query = sqlOf(entityManager);
      await addKeys(query, batch.id, codes);
      const details = { name, plan, termDays, count };
      await recordAudit(
        query,
        toAuditRecord(caller, { action: 'activationKeys.issued', ...targetOf(batch.id), details }),
      );
    });
    return { batch, activatedCount: 0, codes };
  }

  /** All batches, the newest first. */
  async list({ principal }: Pick<AuditedCaller, 'principal'>, page: PageArguments): Promise<Page<ListedBatch>> {
    requireSuperAdmin(principal);
    const reader = createServiceReader(this.#options.serviceScope);
    const found = await findPage(reader, ActivationBatchEntity, {}, page, 'desc');
    const ids = found.rows.map(({ id }) => id);
    const counts = await reader.read((entityManager) => countActivated(sqlOf(entityManager), ids));
    const rows = found.rows.map((batch) => ({ batch, activatedCount: counts.get(batch.id) ?? 0 }));
    return { ...found, rows, cursorOf: ({ batch }) => found.cursorOf(batch) };
  }

  /** Takes back the keys of a batch that are not activated yet. Repeating it changes nothing. */
  async revoke(caller: AuditedCaller, id: string): Promise<ListedBatch> {
    requireSuperAdmin(caller.principal);
    if (!isId(id)) throw notFound('Activation batch');
    return this.#options.serviceScope().write(async (entityManager) => {
      const batch = await entityManager.findOne(ActivationBatchEntity, { id });
      if (batch === null) throw notFound('Activation batch');
      const query = sqlOf(entityManager);
      if (batch.revokedAt === null) {
        batch.revokedAt = this.#now();
        await entityManager.flush();
        await recordAudit(query, toAuditRecord(caller, { action: 'activationKeys.revoked', ...targetOf(id) }));
      }
      return { batch, activatedCount: (await countActivated(query, [id])).get(id) ?? 0 };
    });
  }
}

const targetOf = (targetId: string) => ({ targetType: 'ActivationBatch', targetId });

async function addKeys(query: RunSql, batchId: string, codes: readonly string[]): Promise<void> {
  const hashes = codes.map((code) => hashActivationCode(code)?.toString('hex') ?? '');
  await query(
    `insert into activation_key (id, batch_id, code_hash)
     select id, $1, decode(hash, 'hex') from unnest($2::uuid[], $3::text[]) as made (id, hash)`,
    [batchId, codes.map(() => newId()), hashes],
  );
}

async function countActivated(query: RunSql, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await query<{ readonly id: string; readonly count: number }>(
    `select batch_id as id, count(*)::int as count from activation_key
     where batch_id = any($1::uuid[]) and redeemed_at is not null group by batch_id`,
    [ids],
  );
  return new Map(rows.map(({ id, count }) => [id, count]));
}
