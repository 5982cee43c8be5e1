import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { findPage, isId, sqlOf, type DatabaseReader, type Page, type PageArguments } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import { isPlatformAdmin, requirePermission } from '@tessera/service/identity';
import type { JsonObject } from '@tessera/service/json';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { createServiceReader } from '../service-reader.js';
import { AuditEntryEntity } from './audit-entry.entity.js';
import { recordAudit } from './record-audit.js';

/** What to leave out; every condition that is there must hold. */
export interface AuditFilter {
  readonly action?: string | null | undefined;
  readonly outcome?: string | null | undefined;
  readonly actorId?: string | null | undefined;
  /** Who really acted, where the actor was impersonated. */
  readonly impersonatorId?: string | null | undefined;
  readonly subjectId?: string | null | undefined;
  readonly targetType?: string | null | undefined;
  readonly targetId?: string | null | undefined;
  readonly clientAddress?: string | null | undefined;
  readonly from?: Date | null | undefined;
  readonly to?: Date | null | undefined;
}

const equalFields = [
  'action',
  'outcome',
  'actorId',
  'impersonatorId',
  'subjectId',
  'targetType',
  'targetId',
  'clientAddress',
] as const;

/** Reading the audit log. Nobody writes it through here. */
export class AuditService {
  readonly #serviceScope: () => DataScope;

  constructor(options: { readonly serviceScope: () => DataScope }) {
    this.#serviceScope = options.serviceScope;
  }

  /**
   * The active tenant's log, the newest first; a platform administrator without an active tenant sees everybody's. What others
   * did in the last seconds may be missing, as where another subgraph tells of it.
   *
   * @throws AppError `FORBIDDEN` without the permission `audit:read`
   */
  async list(caller: Caller, filter: AuditFilter, page: PageArguments): Promise<Page<AuditEntryEntity>> {
    const { reader, conditions } = this.#viewOf(caller, filter);
    return findPage(reader === caller.scope ? caller.scope.stale : reader, AuditEntryEntity, conditions, page, 'desc');
  }

  /**
   * The same log as a stream, the oldest first, a batch at a time: nothing is held in between, not even a transaction.
   * That it is taken away is itself a line of the log.
   *
   * @param afterId the entry after which to begin
   * @throws AppError as {@link list}, before the first batch
   */
  async export(
    caller: AuditedCaller & Caller,
    filter: AuditFilter,
    afterId: string | undefined,
  ): Promise<AsyncGenerator<readonly AuditEntryEntity[]>> {
    const { reader, conditions } = this.#viewOf(caller, filter);
    const chosen = Object.fromEntries(Object.entries(filter).filter(([, value]) => value != null));
    const details = JSON.parse(JSON.stringify({ filter: chosen })) as JsonObject;
    const { tenantId } = caller.principal;
    await this.#serviceScope().write((entityManager) =>
      recordAudit(sqlOf(entityManager), toAuditRecord(caller, { action: 'auditLog.exported', details }), { tenantId }),
    );
    return readBatches(reader, conditions, afterId);
  }

  /** What of the log a caller sees, and through whom. */
  #viewOf({ principal, scope }: Caller, filter: AuditFilter) {
    const conditions = conditionsOf(filter);
    if (principal.tenantId === undefined && isPlatformAdmin(principal)) {
      return { reader: createServiceReader(this.#serviceScope), conditions };
    }
    const { tenantId } = requirePermission(principal, 'audit:read');
    return { reader: scope, conditions: { ...conditions, tenantId } };
  }
}

const batchSize = 500;

async function* readBatches(
  reader: DatabaseReader,
  conditions: ReturnType<typeof conditionsOf>,
  afterId: string | undefined,
): AsyncGenerator<readonly AuditEntryEntity[]> {
  let lastId = afterId;
  for (let found = batchSize; found === batchSize;) {
    const beyond = lastId === undefined ? {} : { id: { $gt: lastId } };
    const batch = await reader.read((entityManager) =>
      entityManager.find(
        AuditEntryEntity,
        { $and: [conditions, beyond] },
        { orderBy: { id: 'asc' }, limit: batchSize, disableIdentityMap: true },
      ),
    );
    found = batch.length;
    lastId = batch.at(-1)?.id;
    if (found > 0) yield batch;
  }
}

function conditionsOf(filter: AuditFilter) {
  const { actorId, impersonatorId, subjectId, from, to } = filter;
  for (const id of [actorId, impersonatorId, subjectId]) {
    if (typeof id === 'string' && !isId(id)) throw new AppError('BAD_USER_INPUT', 'A person is named by an id');
  }
  const equal = equalFields.flatMap((name) => {
    const value = filter[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return {
    ...Object.fromEntries(equal),
    ...((from instanceof Date || to instanceof Date) && {
      occurredAt: { ...(from instanceof Date && { $gte: from }), ...(to instanceof Date && { $lt: to }) },
    }),
  };
}
