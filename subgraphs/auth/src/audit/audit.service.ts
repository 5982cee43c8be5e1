import { findPage, isId, type Page, type PageArguments } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import { isPlatformAdmin, requirePermission } from '@tessera/service/identity';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { createServiceReader } from '../service-reader.js';
import { AuditEntryEntity } from './audit-entry.entity.js';

/** What to leave out; every condition that is there must hold. */
export interface AuditFilter {
  readonly action?: string | null;
  readonly actorId?: string | null;
  readonly subjectId?: string | null;
  readonly from?: Date | null;
  readonly to?: Date | null;
}

/** Reading the audit log. Nobody writes it through here. */
export class AuditService {
  readonly #serviceScope: () => DataScope;

  constructor(options: { readonly serviceScope: () => DataScope }) {
    this.#serviceScope = options.serviceScope;
  }

  /**
   * The active tenant's log, the newest first; a platform administrator without an active tenant sees everybody's.
   *
   * @throws AppError `FORBIDDEN` without the permission `audit:read`
   */
  async list(caller: Caller, filter: AuditFilter, page: PageArguments): Promise<Page<AuditEntryEntity>> {
    const { principal } = caller;
    const conditions = conditionsOf(filter);
    if (principal.tenantId === undefined && isPlatformAdmin(principal)) {
      return findPage(createServiceReader(this.#serviceScope), AuditEntryEntity, conditions, page, 'desc');
    }
    const { tenantId } = requirePermission(principal, 'audit:read');
    return findPage(caller.scope, AuditEntryEntity, { ...conditions, tenantId }, page, 'desc');
  }
}

function conditionsOf({ action, actorId, subjectId, from, to }: AuditFilter) {
  for (const id of [actorId, subjectId]) {
    if (typeof id === 'string' && !isId(id)) throw new AppError('BAD_USER_INPUT', 'A person is named by an id');
  }
  return {
    ...(typeof action === 'string' && { action }),
    ...(typeof actorId === 'string' && { actorId }),
    ...(typeof subjectId === 'string' && { subjectId }),
    ...((from instanceof Date || to instanceof Date) && {
      occurredAt: { ...(from instanceof Date && { $gte: from }), ...(to instanceof Date && { $lt: to }) },
    }),
  };
}
