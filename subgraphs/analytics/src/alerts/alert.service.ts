import { findPage, isId, type Page, type PageArguments } from '@tessera/service/database';
import { notFound } from '@tessera/service/errors';
import { requirePermission } from '@tessera/service/identity';
import type { Caller } from '@tessera/service/tenancy';
import { AlertEntity, type AlertStatus } from './alert.entity.js';

/** What the rules have raised. */
export class AlertService {
  /** @throws AppError `NOT_FOUND` for one that does not exist or belongs to another tenant */
  async find({ principal, scope }: Caller, id: string): Promise<AlertEntity> {
    const { tenantId } = requirePermission(principal, 'alerts:read');
    if (!isId(id)) throw notFound('Alert');
    const alert = await scope.read((entityManager) => entityManager.findOne(AlertEntity, { id, tenantId }));
    if (alert === null) throw notFound('Alert');
    return alert;
  }

  /** The active tenant's alerts, the newest first. */
  async list(
    { principal, scope }: Caller,
    status: AlertStatus | null | undefined,
    page: PageArguments,
  ): Promise<Page<AlertEntity>> {
    const { tenantId } = requirePermission(principal, 'alerts:read');
    const where = status === null || status === undefined ? { tenantId } : { tenantId, status };
    return findPage(scope, AlertEntity, where, page, 'desc');
  }
}
