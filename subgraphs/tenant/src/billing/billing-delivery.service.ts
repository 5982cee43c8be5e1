import { findPage, type EntityManager, type Page, type PageArguments } from '@tessera/service/database';
import { requireSuperAdmin } from '@tessera/service/identity';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { BillingDeliveryEntity, type BillingDeliveryStatus } from './billing-delivery.entity.js';

/** What was said to billing: the platform's business, seen from outside of any tenant. */
export class BillingDeliveryService {
  constructor(private readonly serviceScope: () => DataScope) {}

  /** @returns deliveries of all tenants, the newest first */
  async list(
    { principal }: Caller,
    page: PageArguments,
    status: BillingDeliveryStatus | undefined,
  ): Promise<Page<BillingDeliveryEntity>> {
    requireSuperAdmin(principal);
    const reader = {
      // The page counts itself later, if it is asked to: each has a view of its own.
      read: async <T>(work: (entityManager: EntityManager) => Promise<T>): Promise<T> => {
        const scope = this.serviceScope();
        return scope.read(work).finally(() => scope.close());
      },
    };
    return findPage(reader, BillingDeliveryEntity, status === undefined ? {} : { status }, page, 'desc');
  }
}
