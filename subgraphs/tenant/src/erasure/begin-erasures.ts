import { LockMode } from '@mikro-orm/core';
import { sqlOf, type EntityManager } from '@tessera/service/database';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import type { JobHandler, Jobs } from '@tessera/service/jobs';
import type { Logger } from '@tessera/service/logging';
import { erasureStartedEventType } from '@tessera/service/personal-data';
import type { DataScope } from '@tessera/service/tenancy';
import { isHeld } from '../legal-holds/legal-hold.service.js';
import { lockSubject } from '../legal-holds/lock-subject.js';
import { ErasureEntity, subjectOf } from './erasure.entity.js';
import type { LastAdministrators } from './last-administrators.js';

const queue = 'begin-erasures';
/** For those that a legal hold kept back, or a failure. */
const cron = '*/5 * * * *';
/** Those that are {@link planErasures planned} begin when they are due. */
const pollingIntervalSeconds = 1;
const batchSize = 100;

/** @returns what plans a look for erasures that are due, in the transaction that is its reason */
export function planErasures(jobs: Jobs) {
  return async (entityManager: EntityManager, afterSeconds: number): Promise<void> => {
    await jobs.send(queue, {}, { executor: sqlOf(entityManager), startAfterSeconds: Math.ceil(afterSeconds) });
  };
}

export interface BeginErasuresOptions {
  readonly serviceScope: (tenantId?: string) => DataScope;
  readonly lastAdministrators: LastAdministrators;
  /** Who has to report before an erasure is complete. */
  readonly subgraphs: readonly string[];
  readonly logger: Logger;
  readonly now?: () => Date;
}

/** Begins erasures whose time has come: each once, whichever instance does it. */
export async function beginErasures(jobs: Jobs, options: BeginErasuresOptions): Promise<void> {
  const { serviceScope, logger, now = () => new Date() } = options;
  const beginDue: JobHandler = async ({ signal }) => {
    for (const erasure of await findDue(serviceScope(), now())) {
      if (signal.aborted) break;
      const isBegun = await begin(options, erasure, now);
      logger.info({ erasureId: erasure.id, isBegun }, 'an erasure is due');
    }
  };
  await jobs.recur(queue, cron, beginDue, { pollingIntervalSeconds });
}

async function findDue(scope: DataScope, now: Date): Promise<readonly ErasureEntity[]> {
  const due = { cancelledAt: null, startedAt: null, dueAt: { $lte: now } };
  const inOrder = { orderBy: { dueAt: 'asc' as const }, limit: batchSize };
  return scope.read((entityManager) => entityManager.find(ErasureEntity, due, inOrder)).finally(() => scope.close());
}

/** @returns false where it has been cancelled or begun, or may not begin now */
async function begin(
  { serviceScope, lastAdministrators, subgraphs }: BeginErasuresOptions,
  due: ErasureEntity,
  now: () => Date,
): Promise<boolean> {
  const { id } = due;
  const subject = subjectOf(due);
  const tenantId = subject.kind === 'tenant' ? subject.id : undefined;
  if (subject.kind === 'person' && (await lastAdministrators.find(subject.id)).length > 0) return false;
  return serviceScope(tenantId).write(async (entityManager) => {
    await lockSubject(sqlOf(entityManager), subject);
    if (await isHeld(entityManager, subject)) return false;
    const lockMode = LockMode.PESSIMISTIC_WRITE;
    const erasure = await entityManager.findOneOrFail(ErasureEntity, { id }, { lockMode });
    if (erasure.cancelledAt !== null || erasure.startedAt !== null) return false;
    Object.assign(erasure, { startedAt: now(), subgraphs: [...subgraphs] });
    await entityManager.flush();
    const payload = { erasureId: id, subject: { ...subject } };
    const event = { type: erasureStartedEventType, ...(tenantId !== undefined && { tenantId }), payload };
    await appendToOutbox(sqlOf(entityManager), [createDomainEvent(event, now)]);
    return true;
  });
}
