import type { FilterQuery } from '@mikro-orm/core';
import { findPage, type Page, type PageArguments } from '@tessera/service/database';
import { requireUser } from '@tessera/service/identity';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { createServiceReader } from '../service-reader.js';
import { AuditEntryEntity } from './audit-entry.entity.js';

/** A person's own lines of the audit log: who was in their account, who tried, and what became of its ways in. */
export class AccountActivityService {
  readonly #serviceScope: () => DataScope;

  constructor(options: { readonly serviceScope: () => DataScope }) {
    this.#serviceScope = options.serviceScope;
  }

  /**
   * What the caller did to the account, and what others did to it, the newest first; not what the caller did within tenants, which
   * is in their logs.
   */
  async list({ principal }: Caller, page: PageArguments): Promise<Page<AuditEntryEntity>> {
    const { userId } = requireUser(principal);
    const ofAccount: FilterQuery<AuditEntryEntity> = { $or: [{ tenantId: null }, { action: 'impersonation.started' }] };
    const where: FilterQuery<AuditEntryEntity> = {
      $and: [{ $or: [{ actorId: userId }, { subjectId: userId }] }, ofAccount],
    };
    const found = await findPage(createServiceReader(this.#serviceScope), AuditEntryEntity, where, page, 'desc');
    return { ...found, rows: found.rows.map((entry) => asSeenBy(userId, entry)) };
  }
}

/** Where those are who act for the platform, and what they note for themselves, is not the person's to know. */
function asSeenBy(userId: string, entry: AuditEntryEntity): AuditEntryEntity {
  const isOwn = (entry.actorId === null || entry.actorId === userId) && entry.impersonatorId === null;
  if (isOwn) return entry;
  const withheld = { clientAddress: null, clientCountry: null, clientCity: null, userAgent: null, requestId: null };
  return Object.assign(new AuditEntryEntity(), entry, withheld, { details: {} });
}
