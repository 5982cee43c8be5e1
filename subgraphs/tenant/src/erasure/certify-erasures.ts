import { LockMode } from '@mikro-orm/core';
import { auditEvent } from '@tessera/service/audit';
import { sqlOf, type EntityManager } from '@tessera/service/database';
import { appendToOutbox } from '@tessera/service/events';
import { servicePrincipal, unknownClient } from '@tessera/service/identity';
import { erasureCompletedEventType, erasureCompletedSchema } from '@tessera/service/personal-data';
import type { EventHandler } from '@tessera/service/subgraph';
import { ErasureEntity, ErasureReportEntity } from './erasure.entity.js';

/** Collects what the subgraphs report. With the last of them the certificate goes into the audit log: counts, and nobody's data. */
export function certifyErasures(now: () => Date = () => new Date()): EventHandler {
  return {
    types: [erasureCompletedEventType],
    async handle({ payload, occurredAt }, entityManager) {
      const { erasureId, subgraph, counts } = erasureCompletedSchema.parse(payload);
      const lockMode = LockMode.PESSIMISTIC_WRITE;
      const erasure = await entityManager.findOne(ErasureEntity, { id: erasureId }, { lockMode });
      // A job that was repeated reports again: the certificate stays as it is.
      if (erasure === null || erasure.completedAt !== null) return;
      const report = { erasureId, subgraph, counts, reportedAt: new Date(occurredAt) };
      await entityManager.upsert(ErasureReportEntity, report);
      const reports = await entityManager.find(ErasureReportEntity, { erasureId });
      const reported = new Set(reports.map((each) => each.subgraph));
      if (!(erasure.subgraphs ?? []).every((name) => reported.has(name))) return;
      erasure.completedAt = now();
      await entityManager.flush();
      await certify(entityManager, erasure, reports);
    },
  };
}

async function certify(
  entityManager: EntityManager,
  { id, kind, subjectId, requestedAt, startedAt, completedAt }: ErasureEntity,
  reports: readonly ErasureReportEntity[],
): Promise<void> {
  const isTenant = kind === 'tenant';
  const note = {
    action: isTenant ? 'tenant.erased' : 'person.erased',
    targetType: isTenant ? 'Tenant' : 'User',
    targetId: subjectId,
    details: {
      erasureId: id,
      requestedAt: requestedAt.toISOString(),
      startedAt: startedAt?.toISOString() ?? null,
      completedAt: completedAt?.toISOString() ?? null,
      counts: Object.fromEntries(reports.map(({ subgraph, counts }) => [subgraph, counts])),
    },
  };
  const caller = { principal: servicePrincipal(), client: unknownClient, requestId: id };
  await appendToOutbox(sqlOf(entityManager), [auditEvent(caller, note, isTenant ? subjectId : null)]);
}
