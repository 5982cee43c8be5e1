import type { FilterQuery } from '@mikro-orm/core';
import { findPage, type Page, type PageArguments } from '@tessera/service/database';
import { parseInput } from '@tessera/service/errors';
import { requireSuperAdmin } from '@tessera/service/identity';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { TenantEntity, type TenantStatus } from './tenant.entity.js';

const searchSchema = z.object({ search: z.string().trim().max(200).nullish() });

export interface TenantFilter {
  /** What name or slug have in them. */
  readonly search: string | undefined;
  readonly status: TenantStatus | undefined;
  /** Id of a plan. */
  readonly plan: string | undefined;
}

/** All tenants there are: the platform's business, seen from outside of any of them. */
export class TenantDirectoryService {
  constructor(private readonly serviceScope: () => DataScope) {}

  /** @returns tenants, the newest first @throws AppError `FORBIDDEN` for who does not run the platform */
  async list({ principal }: Caller, filter: TenantFilter, page: PageArguments): Promise<Page<TenantEntity>> {
    requireSuperAdmin(principal);
    const { search } = parseInput(searchSchema, { search: filter.search });
    const { status, plan } = filter;
    const pattern = `%${(search ?? '').replaceAll(/[\\%_]/g, '\\$&')}%`;
    const where: FilterQuery<TenantEntity> = {
      ...(search && { $or: [{ name: { $ilike: pattern } }, { slug: { $ilike: pattern } }] }),
      ...(status !== undefined && { status }),
      ...(plan !== undefined && { plan }),
    };
    return findPage(this.serviceScope(), TenantEntity, where, page, 'desc');
  }
}
