import { auditEvent, type AuditedCaller } from '@tessera/service/audit';
import { isId, newId, sqlOf, type EntityManager } from '@tessera/service/database';
import { AppError, notFound, parseInput } from '@tessera/service/errors';
import { appendToOutbox } from '@tessera/service/events';
import { requireOneself, requirePermission, requireUser, type Principal } from '@tessera/service/identity';
import type { Subject } from '@tessera/service/personal-data';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import type { ObjectStore } from '../object-store/object-store.js';
import { readNetworks, type Networks } from '../networks/tenant-networks.js';
import { urlExpiry } from '../networks/url-lifetime.js';
import { ExportProgress, type ExportProgressOptions } from './export-progress.js';
import { archiveKey, archiveUrlLifetimeMs, exportBeginning, ExportEntity } from './export.entity.js';

const inputSchema = z.object({ scope: z.enum(['TENANT', 'MYSELF']) });
const pollIntervalMs = 2_000;

export interface ExportServiceOptions {
  readonly store: ObjectStore;
  readonly serviceScope: (tenantId?: string) => DataScope;
  readonly plan: (entityManager: EntityManager, exportId: string) => Promise<void>;
  readonly hasSources: boolean;
  /** Opens what brings something whenever an export has moved. */
  readonly listen: (exportId: string, onGap: () => void) => ReturnType<ExportProgressOptions['listen']>;
  readonly now?: () => Date;
}

/** Taking everything out: of the active tenant, by who manages it, or of oneself. */
export class ExportService {
  readonly #options: ExportServiceOptions;
  readonly #now: () => Date;

  constructor(options: ExportServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /** Plans an export; while one of the same tenant or person is under way, that one. */
  async request(caller: Caller & AuditedCaller, input: unknown): Promise<ExportEntity> {
    const { userId } = requireOneself(caller.principal);
    const { scope } = parseInput(inputSchema, input);
    const subject = subjectFor(caller.principal, scope);
    const { hasSources, plan, serviceScope } = this.#options;
    if (!hasSources) throw new AppError('PRECONDITION_FAILED', 'This platform names no services to take data out of');
    return serviceScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      await query('select pg_advisory_xact_lock(hashtextextended($1, 3))', [`${subject.kind} ${subject.id}`]);
      const where = { kind: subject.kind, subjectId: subject.id, completedAt: null, failure: null };
      const underWay = await entityManager.findOne(ExportEntity, where);
      if (underWay !== null) return underWay;
      const createdAt = this.#now();
      const created = Object.assign(new ExportEntity(), {
        id: newId(),
        kind: subject.kind,
        subjectId: subject.id,
        requestedBy: userId,
        createdAt,
        movedAt: createdAt,
        position: exportBeginning,
      });
      entityManager.persist(created);
      await entityManager.flush();
      const isTenant = subject.kind === 'tenant';
      const note = {
        action: isTenant ? 'tenant.exported' : 'person.exported',
        targetType: isTenant ? 'Tenant' : 'User',
        targetId: subject.id,
        details: { exportId: created.id },
      };
      await appendToOutbox(query, [auditEvent(caller, note, isTenant ? subject.id : null)]);
      await plan(entityManager, created.id);
      return created;
    });
  }

  /** @throws AppError `NOT_FOUND` for one that does not exist, and for one that is none of the caller's */
  async find({ principal, scope }: Caller, id: string): Promise<ExportEntity> {
    requireUser(principal);
    if (!isId(id)) throw notFound('Export');
    const found = await scope.read((entityManager) => entityManager.findOne(ExportEntity, { id }));
    if (found === null) throw notFound('Export');
    // Row-level security shows a tenant's export to all of the tenant; it is for who manages it.
    if (found.kind === 'tenant') requirePermission(principal, 'tenant:manage');
    return found;
  }

  /**
   * An export now, and whenever it has moved, until it is over or gone.
   *
   * @throws AppError as {@link find}
   */
  async watch(caller: Caller, id: string): Promise<ExportProgress> {
    await this.find(caller, id);
    const { listen, serviceScope } = this.#options;
    const read = (): Promise<ExportEntity | null> => {
      const scope = serviceScope();
      return scope.read((entityManager) => entityManager.findOne(ExportEntity, { id })).finally(() => scope.close());
    };
    return new ExportProgress({ read, listen: (onGap) => listen(id, onGap), pollIntervalMs });
  }

  /** A URL that gives the archive to whoever has it, for a quarter of an hour; null until it is complete and after it has expired. */
  async createDownloadUrl(entity: ExportEntity): Promise<string | null> {
    const { completedAt, expiresAt } = entity;
    if (completedAt === null || expiresAt === null || expiresAt <= this.#now()) return null;
    const now = this.#now();
    const wanted = new Date(Math.min(expiresAt.getTime(), now.getTime() + archiveUrlLifetimeMs));
    return this.#options.store.createDownloadUrl(archiveKey(entity), {
      contentType: 'application/gzip',
      fileName: `${entity.kind}-${entity.subjectId}.tar.gz`,
      expiresAt: urlExpiry('download', await this.#networksOf(entity), wanted, now),
    });
  }

  /** What is a person's own is held to no tenant's networks. */
  async #networksOf({ kind, subjectId }: ExportEntity): Promise<Networks> {
    if (kind !== 'tenant') return [];
    const scope = this.#options.serviceScope(subjectId);
    return scope.read((entityManager) => readNetworks(entityManager, subjectId)).finally(() => scope.close());
  }
}

function subjectFor(principal: Principal, scope: 'TENANT' | 'MYSELF'): Subject {
  if (scope === 'MYSELF') return { kind: 'person', id: requireUser(principal).userId };
  return { kind: 'tenant', id: requirePermission(principal, 'tenant:manage').tenantId };
}
