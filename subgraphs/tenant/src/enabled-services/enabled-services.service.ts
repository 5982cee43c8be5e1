import { auditEvent, type AuditedCaller } from '@tessera/service/audit';
import { sqlOf } from '@tessera/service/database';
import { AppError, parseInput } from '@tessera/service/errors';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import { requireSuperAdmin } from '@tessera/service/identity';
import { tenantServicesEventType, type DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { lockTenant } from '../tenants/lock-tenant.js';
import type { TenantEntity } from '../tenants/tenant.entity.js';
import type { ServiceCatalogue } from './service-catalogue.js';

const setSchema = z.object({ tenantId: z.uuid(), services: z.array(z.string().max(64)).max(100) });

/** Which services a tenant can use: the platform's business, done from outside of any tenant. Gateways enforce it. */
export class EnabledServicesService {
  constructor(
    private readonly serviceScope: (tenantId: string) => DataScope,
    readonly catalogue: ServiceCatalogue,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /**
   * Switches on what is named, and everything else off that can be. Nothing of a service that is off is lost.
   *
   * @throws AppError `FORBIDDEN` for who does not run the platform, `BAD_USER_INPUT` for a service that does not exist
   */
  async set(caller: AuditedCaller, input: unknown): Promise<TenantEntity> {
    requireSuperAdmin(caller.principal);
    const { tenantId, services } = parseInput(setSchema, input);
    const known = this.catalogue.enabledBut([]);
    const unknown = services.filter((name) => !known.includes(name));
    if (unknown.length > 0) throw new AppError('BAD_USER_INPUT', `There is no service ${unknown.join(', ')}`);
    const disabled = this.catalogue.switchable.filter((name) => !services.includes(name));
    return this.serviceScope(tenantId).write(async (entityManager) => {
      const tenant = await lockTenant(entityManager, tenantId);
      if (isSame(this.catalogue.disabledOf(tenant.disabledServices), disabled)) return tenant;
      tenant.disabledServices = disabled;
      await entityManager.flush();
      const payload = { enabledServices: this.catalogue.enabledBut(disabled), disabledServices: disabled };
      const note = { action: 'tenant.servicesChanged', targetType: 'Tenant', targetId: tenantId, details: payload };
      await appendToOutbox(sqlOf(entityManager), [
        createDomainEvent({ type: tenantServicesEventType, tenantId, payload }, this.now),
        auditEvent(caller, note, tenantId),
      ]);
      return tenant;
    });
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name) => other.includes(name));
}
